import pytest

from incidents.correlation.rules import MAX_SIZE, RulesError, check_rules, parse_rules, rule_on

ALERT = {
    "source": "nagios",
    "title": "Disk full",
    "description": "",
    "severity": "warning",
    "service": "",
    "environment": "prod",
    "team": "",
    "labels": {"host": "pay-7"},
}
GOOD = """
- name: quiet-tests
  when: environment == "test"
  ignore: true
  sentence: Test systems wake nobody.
- name: pay
  when: source == "nagios" && labels.host.startsWith("pay-")
  set: {service: payments, team: store}
  sentence: Nagios does not know services.
- name: blips
  when: '"alertname" in labels && labels.alertname == "PacketLoss"'
  after: {count: 3, within_minutes: 10}
  sentence: One lost packet is no news.
- name: louder
  when: service == ""
  set: {service: other, severity: high}
  sentence: What nobody owns is loud.
"""


def test_each_rule_that_matches_sets_and_the_first_one_wins():
    ruling = rule_on(parse_rules(GOOD), ALERT)

    assert ruling.changes == {"service": "payments", "team": "store", "severity": "high"}
    assert ruling.holds is None


def test_a_rule_that_ignores_ends_the_asking():
    ruling = rule_on(parse_rules(GOOD), {**ALERT, "environment": "test"})

    assert (ruling.changes, ruling.holds.name) == ({}, "quiet-tests")


def test_a_rule_that_waits_is_named():
    ruling = rule_on(parse_rules(GOOD), {**ALERT, "labels": {"alertname": "PacketLoss", "host": "pay-1"}})

    assert (ruling.holds.name, ruling.holds.count, ruling.changes["service"]) == ("blips", 3, "payments")


def test_a_rule_that_cannot_be_answered_is_passed_by_and_ignores_nothing():
    rules = parse_rules('- {name: a, when: labels.missing == "x", ignore: true, sentence: s}')

    assert rule_on(rules, ALERT).holds is None


def test_text_of_an_alert_is_never_a_condition():
    rules = parse_rules("- {name: a, when: 'title == \"x\"', ignore: true, sentence: s}")

    assert rule_on(rules, {**ALERT, "title": '" || true || "'}).holds is None


def test_no_rules_are_rules():
    assert parse_rules("[]") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be a list"),
        ("name: a", "must be a list"),
        ("- [", "not YAML"),
        ("- !!python/object/apply:os.system [ls]", "not YAML"),
        ("[" * 5000, "not YAML"),
        ('!!int ""', "not YAML: a value is not of the kind"),
        ("- name: a\n  when: 'true'\n  when: 'false'", "'when' stands twice"),
        ("x" * (MAX_SIZE + 1), "characters"),
        ("- 1", "Rule 1 must be a map"),
        ("- {when: 'true'}", "Rule 1 needs a `name`"),
        ("- {name: a, when: 'true', ignore: true}", "needs a `sentence`"),
        ("- {name: a, when: 'true', sentence: s}", "must say what it does"),
        ("- {name: a, when: 'true', sentence: s, ignore: false}", "must say what it does"),
        ("- {name: a, when: 'true', sentence: s, ignore: true, set: {team: x}}", "cannot also"),
        ("- {name: a, sentence: s, ignore: true}", "needs a condition"),
        ("- {name: a, when: 'title ==', sentence: s, ignore: true}", "is not CEL"),
        ("- {name: a, when: 'host == \"x\"', sentence: s, ignore: true}", "asks for 'host'"),
        ("- {name: a, when: 'true', sentence: s, set: {status: resolved}}", "may `set`"),
        ("- {name: a, when: 'true', sentence: s, set: {severity: awful}}", "'awful'"),
        ("- {name: a, when: 'true', sentence: s, set: {service: [1]}}", "no text"),
        ("- {name: a, when: 'true', sentence: s, after: {count: 1, within_minutes: 5}}", "`count` of 2"),
        ("- {name: a, when: 'true', sentence: s, after: 3}", "`count` of 2"),
        ("- {name: a, when: 'true', sentence: s, ignore: true, then: x}", "has the field 'then'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text, said):
    with pytest.raises(RulesError, match=said):
        parse_rules(text)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(RulesError) as refused:
        parse_rules("- {name: a, when: x, sentence: s, ignore: true}\n- {name: b, when: 'true'}\n")

    assert len(refused.value.problems) == 3


def test_names_are_unique():
    one = "- {name: a, when: 'true', sentence: s, ignore: true}\n"
    with pytest.raises(RulesError, match="Two rules are called 'a'"):
        parse_rules(one * 2)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("title.foo()", "function: 'foo'"),
        ("title > 3", "No such overload"),
        ("labels.host", "must answer true or false"),
        ("1", "must answer true or false"),
        ('title.matches("(")', "not a valid regex"),
        ('labels["odd name"].x == "a"', "No such overload"),
    ],
)
def test_a_condition_that_no_alert_could_answer_is_said_before_it_is_in_force(condition, said):
    text = f"- {{name: a, when: '{condition}', ignore: true, sentence: s}}\n"

    with pytest.raises(RulesError, match=rf"Rule 'a': (.|\n)*{said}"):
        check_rules(text)
    assert rule_on(parse_rules(text), ALERT).holds is None


@pytest.mark.parametrize(
    "condition",
    ['labels.host == "a"', "int(labels.port) > 8000", 'duration(labels.age) > duration("1h")', 'title in ["a"]'],
)
def test_a_condition_that_some_alert_answers_may_be_in_force(condition):
    assert len(check_rules(f"- {{name: a, when: '{condition}', ignore: true, sentence: s}}\n")) == 1


@pytest.mark.parametrize("does", ["set: {}", "after: null"])
def test_a_rule_that_does_nothing_is_said(does):
    with pytest.raises(RulesError, match="Rule 'a' does nothing"):
        check_rules(f"- {{name: a, when: 'true', sentence: s, {does}}}")
