"""The page of rules: what is in force, how often it matched, and what a payload would meet, with nothing stored."""

import json

import pytest

from core.actors import INTAKE, SYSTEM
from incidents.events import AlertEvent, Severity, Status
from incidents.models import Alert, Incident, RuleSet
from incidents.services.apply_rules import apply_rules
from incidents.services.fold import fold
from tests.console import world
from tests.console.test_maintenance_page import planned

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"
RULES = """
- name: quiet-tests
  when: environment == "test"
  ignore: true
  sentence: Test systems wake nobody.
- name: ours
  when: source == "lab" && title.contains("payments")
  set: {team: store, severity: high}
  sentence: The lab does not know whose it is.
- name: blips
  when: title.contains("Packet")
  after: {count: 3, within_minutes: 10}
  sentence: One lost packet is no news.
"""
FIRING = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "payments slow", "service": "payments", "severity": "warning"},
            "annotations": {"summary": f"payments is slow {EVIL}"},
            "startsAt": "2026-03-01T10:00:00Z",
            "fingerprint": "abc",
        }
    ],
}


@pytest.fixture
def look(as_, lab):
    return lambda query="": as_("vera").get(f"/rules/{query}").content.decode()


@pytest.fixture
def attempt(as_, lab):
    def post(payload, text="", source="lab"):
        told = payload if isinstance(payload, str) else json.dumps(payload)
        return as_("vera").post("/rules/trial/", {"source": source, "payload": told, "text": text})

    return post


def fire(title, environment="lab"):
    from core import clock

    now = clock.now()
    event = AlertEvent(
        event_id=title,
        delivery_id="d",
        source="lab",
        fingerprint=f"v1:{title}",
        status=Status.FIRING,
        severity=Severity("warning"),
        title=title,
        service="checkout",
        environment=environment,
        at=now,
        received_at=now,
    )
    return fold(event, source_autonomy="act", actor=INTAKE)


def row(page, number):
    return page.split(f'id="rule-{number}"')[1].split("</tr>")[0]


def test_no_rules_are_said_to_be_none(look):
    page = look()

    assert "No rules are in force" in page
    assert "None was ever applied." in page


def test_each_rule_says_how_often_it_matched_and_what_it_holds_back(look):
    apply_rules(RULES, actor=SYSTEM)
    for title, environment in (("Packet lost", "lab"), ("a", "test"), ("b", "test"), ("payments slow", "lab")):
        fire(title, environment)
    page = look()

    assert "3 rules are in force, 3 alerts are held back now" in page
    assert 'class="n">2</td>' in row(page, 1)
    assert "of the newest 4" in row(page, 2)
    assert "waits for 3 within 10 min" in row(page, 3)


def test_versions_are_kept_with_who_and_when_and_shown_as_text(look, as_):
    apply_rules("[]", actor=SYSTEM)
    apply_rules(f"# {EVIL}\n{RULES}", actor=SYSTEM)
    page = look("?version=1")

    assert 'aria-label="The rules of version 1 as YAML">[]</pre>' in page
    assert EVIL not in look()
    assert as_("vera").get("/rules/?version=9").status_code == 404
    assert as_("vera").get("/rules/?version=x").status_code == 404


def test_a_payload_is_told_what_it_would_meet_and_nothing_is_stored(attempt):
    apply_rules(RULES, actor=SYSTEM)
    made = world.incident()
    before = (Alert.objects.count(), Incident.objects.count(), RuleSet.objects.count())
    page = attempt(FIRING).content.decode()

    assert "It counts as S2 about payments" in page
    assert "a rule set it, was warning" in page
    assert made.number in page
    assert EVIL not in page
    assert (Alert.objects.count(), Incident.objects.count(), RuleSet.objects.count()) == before


def test_other_rules_and_windows_hold_it_back_in_the_trial(attempt):
    draft = '- name: draft\n  when: service == "payments"\n  ignore: true\n  sentence: Not now.\n'
    assert "The rule draft holds it back" in attempt(FIRING, draft).content.decode()
    planned(services=("payments",), why="New disks.")
    assert "by maintenance: New disks." in attempt(FIRING).content.decode()
    assert not RuleSet.objects.exists()


@pytest.mark.parametrize(
    ("payload", "text", "source", "said"),
    [
        ("", "", "lab", "Paste a payload"),
        ("{", "", "lab", "It was read as"),
        (FIRING, "- name: x", "lab", "needs a `sentence`"),
        (FIRING, "{{", "lab", "not YAML"),
        (FIRING, "", "nowhere", "There is no source"),
        ('"\\ud800"', "", "lab", "It was read as"),
        ("[" * 5000, "", "lab", "It was read as"),
        (f'{{"alerts": "{EVIL}"}}', EVIL, "lab", "must be a list"),
    ],
)
def test_what_cannot_be_read_is_said_and_what_was_typed_stays(attempt, payload, text, source, said):
    answer = attempt(payload, text, source)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert said in page
    assert EVIL not in page


def test_two_hundred_rules_are_asked_in_a_bounded_number_of_queries(look, as_, django_assert_max_num_queries):
    rules = [f'- name: r{n}\n  when: title.contains("x{n}")\n  set: {{team: t}}\n  sentence: s' for n in range(200)]
    apply_rules("\n".join(rules), actor=SYSTEM)
    for n in range(40):
        fire(f"x{n} fails")
    client = as_("vera")
    with django_assert_max_num_queries(20):
        page = client.get("/rules/").content.decode()
    assert page.count('id="rule-') == 200


def test_somebody_of_one_team_reads_no_rules(as_, client, cast):
    from people.services.add_person import add_person
    from people.services.grant_role import grant_role

    there = add_person("there", "There", [], team="store", actor=SYSTEM)
    grant_role("there", "operator", scope="team:store", actor=SYSTEM)
    client.force_login(there, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/rules/").status_code == 403
    assert client.post("/rules/trial/", {"source": "lab"}).status_code == 403
    assert "/rules/" not in client.get("/services/").content.decode()


def test_a_draft_that_no_alert_could_answer_is_said(attempt):
    page = attempt(FIRING, "- {name: loud, when: title.shout(), ignore: true, sentence: s}").content.decode()

    assert "function: &#x27;shout&#x27;" in page
