"""Rules of the installation: put into force by `apply_rules`, asked by `fold`, held to by `hold`."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from core import clock
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import BadInputError, NotPermittedError
from incidents.desk import Desk
from incidents.events import Status
from incidents.models import Alert, Incident, RuleSet
from incidents.ruling import held_by_rule
from incidents.services.apply_rules import apply_rules
from incidents.services.hold import hold
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db
RULES = """
- {name: tests, when: 'environment == "test"', ignore: true, sentence: Test systems wake nobody.}
- {name: pay, when: 'labels.host.startsWith("pay-")', set: {service: payments, severity: high, team: store},
   sentence: Nagios.}
- {name: blips, when: 'title == "Blip"', after: {count: 3, within_minutes: 10}, sentence: One blip is no news.}
"""


@pytest.fixture
def rules():
    return apply_rules(RULES, actor=SYSTEM)


@pytest.fixture
def at(monkeypatch, t0):
    def jump(minutes):
        monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(minutes=minutes))

    jump(0)
    return jump


def test_a_version_is_kept_and_named_in_the_ledger_and_the_same_again_is_none(rules):
    again = apply_rules(RULES, actor=SYSTEM)
    second = apply_rules("[]", actor=SYSTEM)

    assert (again.pk, second.version, RuleSet.objects.count()) == (rules.pk, 2, 2)
    entry = Entry.objects.filter(verb="rules.applied").first()
    assert (entry.subject, json.loads(bytes(entry.facts))["rules"]) == ("alert-rules:1", ["tests", "pay", "blips"])


def test_an_ignored_alert_is_recorded_once_and_opens_nothing(rules, event, tell, verbs):
    for after_s in (0, 5):
        alert = tell(event("a", after_s, environment="test"))

    assert (alert.status, alert.told, alert.incident, alert.count) == ("suppressed", "firing", None, 2)
    assert alert.held_because == "Ignored by the rule tests: Test systems wake nobody."
    assert (held_by_rule(), verbs().count("alert.held")) == ({"tests": 1}, 1)
    tell(event("a", 9, status="resolved"))
    assert held_by_rule() == {}


def test_a_rule_gives_an_alert_its_service_severity_and_team(rules, event, tell):
    alert = tell(event("a", service="", labels={"host": "pay-7"}))

    assert (alert.service, alert.severity, alert.team) == ("payments", "high", "store")
    assert (alert.incident.service, alert.incident.severity) == ("payments", "S2")


def test_an_incident_opens_after_so_many_and_holds_those_that_waited(rules, event, tell, at):
    waiting = [tell(event(name, 60, title="Blip")) for name in "ab"]
    assert [(alert.status, alert.incident) for alert in waiting] == [("pending", None)] * 2
    assert waiting[1].held_because == "2 of 3 alerts within 10 minutes that the rule blips waits for."
    third = tell(event("c", 70, title="Blip"))

    assert Incident.objects.count() == 1
    assert third.incident.alerts.filter(status="firing", held_because="").count() == 3
    at(20)
    assert tell(event("d", 1200, title="Blip")).incident_id == third.incident_id


def test_too_slow_ones_do_not_add_up_and_other_services_do_not_count(rules, event, tell, at):
    tell(event("a", 0, title="Blip"))
    tell(event("b", 10, title="Blip", service="payments"))
    tell(event("c", 20, title="Blip"))
    at(11)

    assert tell(event("d", 660, title="Blip")).status == "pending"
    assert not Incident.objects.exists()


def test_being_told_the_same_alert_again_is_one_alert(rules, event, tell, at):
    for after_s in range(0, 50, 10):
        alert = tell(event("a", after_s, title="Blip"))

    assert (alert.count, alert.status) == (5, "pending")


def test_a_rule_that_is_gone_holds_nothing_back(rules, event, tell):
    tell(event("a", environment="test"))
    apply_rules("[]", actor=SYSTEM)

    assert tell(event("a", 10, environment="test")).incident is not None


def test_rules_that_cannot_be_used_change_nothing(rules):
    with pytest.raises(BadInputError) as refused:
        apply_rules("- {name: a}", actor=SYSTEM)

    assert len(refused.value.facts["problems"]) == 3
    assert RuleSet.objects.count() == 1


def test_only_an_admin_puts_rules_into_force(ada, dan):
    scoped = Actor(id="person:s", scoped=frozenset({("admin", "team:store")}))
    for actor in (ada, dan, scoped, INTAKE):
        with pytest.raises(NotPermittedError):
            apply_rules(RULES, actor=actor)
    assert apply_rules(RULES, actor=Actor(id="person:x", roles=frozenset({"admin"}))).version == 1


def test_holding_the_same_alert_twice_writes_one_entry(event, tell, verbs):
    alert = tell(event("a"))
    desk = Desk(INTAKE)
    for _ in range(2):
        hold(desk, desk.own(alert), Status.PENDING, "x" * 500)
    desk.write()

    assert (len(Alert.objects.get().held_because), verbs().count("alert.held")) == (400, 1)


def test_the_command_checks_applies_and_shows(tmp_path, capsys):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(RULES)
    bad.write_text("- {name: a, when: 'host == 1', ignore: true, sentence: s}")
    call_command("rules", "check", str(good))
    assert not RuleSet.objects.exists()
    call_command("rules", "apply", str(good))
    call_command("rules", "show", "--json")

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["3 rules can be used: tests, pay, blips", "3 rules in force as version 1: tests, pay, blips"]
    assert json.loads(lines[2])["text"] == RULES
    for verb in ("check", "apply"):
        with pytest.raises(CommandError, match="asks for 'host'"):
            call_command("rules", verb, str(bad))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("rules", "check", str(tmp_path / "none"))


def test_over_http_rules_are_checked_applied_and_listed(client):
    client.force_login(
        add_person("root", "R", ["admin"], actor=SYSTEM), backend="django.contrib.auth.backends.ModelBackend"
    )

    def post(path, text):
        return client.post(f"/api/v1/alert-rules/{path}", json.dumps({"text": text}), content_type="application/json")

    assert post("checks/", RULES).json() == {"ok": True, "problems": [], "rules": ["tests", "pay", "blips"]}
    assert post("checks/", "- 1").json()["ok"] is False
    assert post("", "- 1").json()["problems"]
    assert post("", RULES).json()["version"] == 1
    assert client.get("/api/v1/alert-rules/").json()["results"][0]["text"] == RULES
    assert client.get("/api/v1/alert-rules/held/").json() == {"held": {}}
