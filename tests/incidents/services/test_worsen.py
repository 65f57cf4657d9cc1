"""An alert that gets worse makes its incident worse: Nagios tells WARNING and then CRITICAL of one service."""

import pytest

from audit import ledger
from core.actors import INTAKE
from incidents.board import Board
from incidents.desk import Desk
from incidents.models import Incident
from incidents.services.resolve import resolve
from incidents.services.worsen import worsen

pytestmark = pytest.mark.django_db


def severity():
    return Incident.objects.get().severity


def test_the_incident_becomes_as_bad_as_its_alert_and_the_ledger_says_why(event, tell):
    alert = tell(event())
    assert severity() == "S3"

    tell(event(after_s=60, severity="critical"))

    assert severity() == "S1"
    (line,) = [one for one in ledger.timeline(alert.incident.subject, limit=9) if one.verb == "incident.worsened"]
    assert line.facts == {"was": "S3", "severity": "S1", "title": "a hurts a lot", "service": "checkout"}


def test_it_gets_worse_once_and_never_better_by_itself(event, tell, verbs):
    tell(event())
    for after_s, word in enumerate(("critical", "warning", "critical", "info", "high"), 1):
        tell(event(after_s=after_s, severity=word))

    assert severity() == "S1"
    assert verbs().count("incident.worsened") == 1


def test_an_alert_that_gets_worse_below_the_worst_changes_nothing_and_holds_no_row(event, tell, verbs, monkeypatch):
    tell(event("a", severity="critical"))
    tell(event("b", 1, severity="info"))
    held = []
    monkeypatch.setattr(Board, "held", lambda _, incident_id: held.append(incident_id))

    tell(event("b", 2, severity="high"))

    assert (severity(), held) == ("S1", [])
    assert "incident.worsened" not in verbs()


def test_what_is_late_or_over_makes_nothing_worse(event, tell, ada, verbs):
    alert = tell(event(after_s=60))
    tell(event(after_s=1, severity="critical"))
    assert severity() == "S3"

    resolve(alert.incident_id, actor=ada, why="Gone.")
    tell(event(after_s=61, severity="critical"))
    assert severity() == "S3"
    assert "incident.worsened" not in verbs()


def test_several_at_once_make_it_as_bad_as_the_worst(event, tell):
    first = tell(event("a"))
    desk = Desk(INTAKE)
    for word in ("high", "critical"):
        first.severity = word
        worsen(desk, first)
    desk.write()

    assert severity() == "S1"
    told = [one.facts["severity"] for one in ledger.timeline(first.incident.subject, limit=9) if "was" in one.facts]
    assert told == ["S2", "S1"]
