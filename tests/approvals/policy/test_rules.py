"""Rules of the wrong form are refused before they can decide anything."""

import pytest

from approvals.policy import RulesError, parse_rules

GOOD = "- {name: a, priority: 1, when: 'true', route: single, people: 1, sentence: s}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "list of 1 to"),
        ("[]", "list of 1 to"),
        ("{", "not YAML"),
        ("- 3", "exactly the fields"),
        (GOOD.replace("sentence: s", "sentence: s, extra: 1"), "exactly the fields"),
        (GOOD.replace("priority: 1", "priority: true"), "whole number"),
        (GOOD.replace("'true'", "'((('"), "not CEL"),
        (GOOD.replace("'true'", "'mood == 1'"), "asks for 'mood'"),
        (GOOD.replace("single", "maybe"), "auto, notify, single, quorum"),
        (GOOD.replace("people: 1", "people: 0"), "single 1"),
        (GOOD.replace("people: 1", "people: 2"), "single 1"),
        (GOOD.replace("route: single", "route: auto"), "single 1"),
        (GOOD.replace("people: 1", "people: 99"), "2 to 8"),
        (GOOD.replace("sentence: s", "sentence: ''"), "must be a text"),
        (f"{GOOD}\n{GOOD}", "Two rules are called 'a'"),
        ("- !!python/object/apply:os.getcwd []", "not YAML"),
        ("- !!bool maybe", "not YAML"),
        (GOOD.replace("sentence: s", "sentence: s, route: auto"), "'route' stands twice"),
        (GOOD.replace("single", "[single]"), "auto, notify, single, quorum"),
    ],
)
def test_a_bad_rule_is_refused_with_what_is_wrong(text, says):
    with pytest.raises(RulesError, match=says):
        parse_rules(text)


def test_rules_come_in_the_order_of_their_priority():
    text = f"{GOOD}\n{GOOD.replace('name: a', 'name: b').replace('priority: 1', 'priority: 0')}"

    assert [rule.name for rule in parse_rules(text)] == ["b", "a"]
