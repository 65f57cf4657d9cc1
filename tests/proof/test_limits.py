import pytest
from hypothesis import given
from hypothesis import strategies as st

from proof.documents import TIERS, DocumentError, parse_change, parse_policy, rank
from proof.limits import protected, requirement
from tests.proof.factory import change, limit, policy_document, step


def need(limits, steps, **changes):
    policy = parse_policy(policy_document(limits=limits, **changes))
    return requirement(parse_change(change(steps=steps)), policy)


def test_the_strictest_matching_limit_wins_not_the_most_specific():
    limits = [limit("a", "LOW", 0, targets=["lab/payments"], auto=True), limit("a", "HIGH", 2)]

    found = need(limits, [step("a")])

    assert (found.tier, found.people, found.may_auto) == ("HIGH", 2, False)
    assert need(limits[:1], [step("a")]).tier == "LOW"


def test_an_unlisted_action_or_target_is_critical():
    limits = [limit("a", "LOW", 0, targets=["lab/payments"], auto=True)]

    for steps in ([step("b")], [step("a", "lab/payments2")], [step("a", "lab/pay")], [step("A")]):
        found = need(limits, steps)
        assert (found.tier, found.people, found.may_auto) == ("CRITICAL", 3, False)
        assert "No limit names" in found.sentence


def test_the_strictest_step_decides_for_all():
    limits = [
        limit("a", "LOW", 0, auto=True, classes=["webauthn", "ssh-file"]),
        limit("b", "HIGH", 1, classes=["webauthn"]),
    ]

    found = need(limits, [step("a"), step("b", index=1)])

    assert (found.tier, found.people, found.may_auto) == ("HIGH", 1, False)
    assert [quorum.classes for quorum in found.quorums] == [{"webauthn", "ssh-file"}, {"webauthn"}]
    assert found.sentence == "b on lab/payments is at least HIGH."


def test_one_step_that_policy_may_not_decide_is_enough():
    limits = [limit("a", "LOW", 0, auto=True), limit("b", "LOW", 0)]

    assert need(limits, [step("a")]).may_auto
    assert not need(limits, [step("a"), step("b", index=1)]).may_auto


@pytest.mark.parametrize(("ceiling", "tier", "may"), [
    ("LOW", "LOW", True), ("LOW", "MEDIUM", False), ("MEDIUM", "MEDIUM", True), ("CRITICAL", "HIGH", False),
])  # fmt: skip
def test_automatic_decisions_have_a_ceiling(ceiling, tier, may):
    auto = {"max_tier": ceiling, "per_hour": 1, "per_target_per_hour": 1}

    assert need([limit("a", tier, 0, auto=True)], [step("a")], auto=auto).may_auto is may


@given(st.lists(st.tuples(st.sampled_from(TIERS), st.integers(0, 5), st.booleans()), min_size=1, max_size=4), st.data())
def test_another_limit_never_loosens(rows, data):
    limits = [limit("a", tier, people, auto=auto) for tier, people, auto in rows]
    fewer = data.draw(st.lists(st.sampled_from(limits), min_size=1, max_size=3))

    strict, loose = need([*limits, *fewer], [step("a")]), need(fewer, [step("a")])

    assert rank(strict.tier) >= rank(loose.tier)
    assert strict.people >= loose.people
    assert loose.may_auto or not strict.may_auto


def test_protected_targets_are_found_by_name_and_by_environment():
    plan = parse_change(change(steps=[step("a"), step("a", "lab/vault", index=1)]))

    assert protected(plan, parse_policy(policy_document())) == ["lab/vault"]
    everything = parse_policy(policy_document(protected_targets=["lab/*"]))
    assert protected(plan, everything) == ["lab/payments", "lab/vault"]


@pytest.mark.parametrize(
    "changes",
    [
        {"unlisted": {"tier": "LOW", "people": 3, "classes": []}},
        {"unlisted": {"tier": "CRITICAL", "people": 2, "classes": []}},
        {"limits": [limit("a", "LOW", 0, targets=["*"])]},
        {"limits": [limit("a", "LOW", 0, targets=["lab/pay*"])]},
        {"limits": [limit("a", "LOW", 0, targets=["*/payments"])]},
        {"limits": [limit("a", "LOW", 9)]},
        {"limits": [limit("a", "TINY", 0)]},
        {"limits": [limit("a", "LOW", 0, classes=["chat"])]},
        {"limits": [limit("a", "LOW", 0, classes=["service"])]},
        {"version": 0},
        {"more": 1},
    ],
)
def test_policies_that_would_not_be_understood_are_refused(changes):
    with pytest.raises(DocumentError):
        parse_policy(policy_document(**changes))
