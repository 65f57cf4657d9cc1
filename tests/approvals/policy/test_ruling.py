"""The strictest of rules and floors decides, and doubt goes to people."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.policy import Route, Rule, parse_rules, rule_on
from approvals.risk import Tier, tier_of
from tests.approvals.policy.snapshots import CALM, snapshot


def a_rule(when: str, route: str = "auto", people: int = 0, name: str = "r", priority: int = 1) -> str:
    rule = {"name": name, "priority": priority, "when": when, "route": route, "people": people, "sentence": "because"}
    return f"- {json.dumps(rule)}\n"


@pytest.mark.parametrize(
    ("changes", "route", "people", "rule"),
    [
        ({}, "notify", 0, "routine-with-notice"),
        ({"tier": "LOW", "score": 1}, "auto", 0, "routine"),
        ({"tier": "HIGH", "score": 9, "floor_people": 1, "may_auto": False}, "single", 1, "high-risk"),
        ({"tier": "CRITICAL", "score": 14}, "quorum", 3, "critical-risk"),
        ({"tier": "LOW", "floor_people": 3, "may_auto": False}, "quorum", 3, "limits"),
        ({"criticality": "critical", "floor_people": 2}, "quorum", 2, "critical-service"),
        ({"floor_people": 2}, "notify", 0, "routine-with-notice"),
        ({"may_auto": False}, "single", 1, "limits"),
        ({"criticality": "critical"}, "single", 1, "critical-service"),
        ({"criticality": "important"}, "notify", 0, "routine-with-notice"),
        ({"autonomy": "suggest"}, "single", 1, "autonomy"),
        ({"autonomy": "observe"}, "single", 1, "autonomy"),
        ({"confidence": "0.71"}, "notify", 0, "routine-with-notice"),
        ({"confidence": "0.70"}, "single", 1, "confidence"),
        ({"confidence": "0.50"}, "single", 1, "confidence"),
        ({"confidence": "0.10"}, "single", 1, "confidence"),
        ({"confidence": "nan"}, "single", 1, "confidence"),
        ({"tainted": True}, "single", 1, "tainted-parameters"),
        ({"spent": True}, "single", 1, "allowance"),
    ],
)
def test_the_lab_policy_decides_as_documented(lab, changes, route, people, rule):
    ruling = rule_on(snapshot(**changes), lab)

    assert (ruling.route, ruling.people, ruling.rule) == (route, people, rule)
    assert ruling.sentence


@pytest.mark.parametrize("tier", list(Tier))
def test_the_policy_of_a_new_installation_lets_nothing_run_by_itself(default, tier):
    ruling = rule_on(snapshot(tier=str(tier), score=0), default)

    assert ruling.route.asks_people


@pytest.mark.parametrize("name", sorted(CALM))
def test_a_missing_fact_sends_it_to_a_person(lab, name):
    without = {key: value for key, value in CALM.items() if key != name}

    ruling = rule_on(without, lab)

    assert (ruling.route, ruling.rule) == ("single", "policy-error")


@pytest.mark.parametrize("when", ["score / 0 == 1", "tier > 3", "score", 'action.matches("(")', "targets[9] == action"])
def test_a_rule_that_cannot_be_answered_sends_it_to_a_person(when):
    rules = parse_rules(a_rule("true") + a_rule(when, name="bad"))

    ruling = rule_on(snapshot(tier="LOW"), rules)

    assert (ruling.route, ruling.rule) == ("single", "policy-error")


def test_no_rule_that_speaks_of_it_sends_it_to_a_person():
    assert rule_on(snapshot(), parse_rules(a_rule("hour == 4"))).rule == "no-rule"


def test_no_rules_at_all_send_it_to_a_person():
    assert rule_on(snapshot(), ()).route == Route.SINGLE


def test_of_equally_strict_rules_the_first_by_priority_gives_its_name():
    rules = parse_rules(
        a_rule("true", "single", 1, "later", 9) + a_rule("true", "single", 1, "first", 1) + a_rule("true", name="mild")
    )

    assert rule_on(snapshot(), rules).rule == "first"


def test_a_rule_that_is_milder_for_a_higher_tier_is_not_believed():
    rules = parse_rules(a_rule('tier == "LOW"', "quorum", 5, "odd") + a_rule('tier == "MEDIUM"', name="mild"))

    assert (rule_on(snapshot(), rules).rule, rule_on(snapshot(), rules).people) == ("odd", 5)


facts = st.fixed_dictionaries(
    {},
    optional={
        "criticality": st.sampled_from(["critical", "important", "normal"]),
        "autonomy": st.sampled_from(["observe", "suggest", "act"]),
        "confidence": st.integers(0, 100).map(lambda percent: f"{percent / 100:.2f}"),
        "tainted": st.booleans(),
        "recent": st.integers(0, 20),
        "recent_on_target": st.integers(0, 8),
        "floor_people": st.integers(0, 4),
        "may_auto": st.booleans(),
        "spent": st.booleans(),
    },
)
conditions = st.sampled_from(
    ['tier == "LOW"', 'tier == "MEDIUM"', 'tier != "HIGH"', 'tier in ["LOW", "CRITICAL"]', "tainted", "hour == 3"]
)
outcomes = st.sampled_from([("auto", 0), ("notify", 0), ("single", 1), ("quorum", 2), ("quorum", 4)])
random_rules = st.lists(st.tuples(conditions, outcomes), min_size=1, max_size=6).map(
    lambda items: parse_rules("".join(a_rule(when, *then, name=f"r{n}") for n, (when, then) in enumerate(items)))
)


def strictness(rules: tuple[Rule, ...], **changes: object) -> tuple[int, int]:
    return rule_on(snapshot(**changes), rules).strictness


@given(rest=facts, scores=st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_raising_the_score_never_loosens_the_shipped_policy(lab, rest, scores):
    low, high = sorted(scores)

    assert strictness(lab, **rest, score=low, tier=str(tier_of(low))) <= strictness(
        lab, **rest, score=high, tier=str(tier_of(high))
    )


@given(rules=random_rules, rest=facts, tiers=st.tuples(st.sampled_from(list(Tier)), st.sampled_from(list(Tier))))
def test_raising_the_tier_never_loosens_any_policy(rules, rest, tiers):
    low, high = sorted(tiers, key=lambda tier: tier.rank)

    assert strictness(rules, **rest, tier=str(low)) <= strictness(rules, **rest, tier=str(high))
