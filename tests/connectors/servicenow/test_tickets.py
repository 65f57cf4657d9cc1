"""Incidents as tickets: `send_ticket`, `follow_incidents`, `tell_outside` against the fake."""

import pytest

from audit.models import Entry
from audit.selectors import latest_checkpoint, timeline
from connectors.models import Bond, Ticket
from connectors.services import send_ticket as module
from connectors.services.connect import connect
from connectors.services.follow_incidents import follow_incidents
from connectors.services.send_ticket import send_ticket
from core.actors import SYSTEM
from core.errors import BadInputError
from incidents.services.resolve import resolve

pytestmark = pytest.mark.django_db


def verbs(incident):
    return [line.verb for line in timeline(incident.subject)]


def test_an_incident_becomes_one_ticket_with_impact_and_urgency_and_priority_is_theirs(bonded, incident, tell, rows):
    bonded(maps={"groups": {"*": "ab" * 16}})
    opened = incident()

    assert (tell(), tell()) == (1, 0)

    (row,) = rows("incident")
    assert row["short_description"] == f"{opened.number}: Checkout fails"
    assert (row["impact"], row["urgency"], row["priority"], row["state"]) == ("1", "1", "1", "1")
    assert (row["assignment_group"], row["correlation_display"]) == ("ab" * 16, "Countersign")
    ticket = Ticket.objects.get()
    assert (ticket.sys_id, ticket.number, row["correlation_id"]) == (row["sys_id"], "INC0010001", ticket.correlation_id)
    assert "ticket.created" in verbs(opened)


def test_what_happened_before_the_connection_is_not_told(bonded, incident, tell, rows):
    incident()
    tell()
    bonded()

    tell()
    assert rows("incident") == []
    incident(fingerprint="2")
    assert tell() == 1


def test_a_resolved_incident_ends_its_ticket_with_outcome_and_a_checkpoint_over_it(bonded, incident, tell, rows):
    bonded()
    opened = incident()
    tell()

    resolve(opened.pk, actor=SYSTEM, why="The symptom is gone.")
    tell()

    (row,) = rows("incident")
    resolved = Entry.objects.get(verb="incident.resolved")
    assert (row["state"], row["close_code"]) == ("6", "Solution provided")
    assert "Resolved: The symptom is gone." in row["close_notes"]
    size = int(row["close_notes"].partition("Ledger checkpoint: ")[2].split()[0])
    assert resolved.leaf.seq < size <= latest_checkpoint().size
    assert "root " in row["close_notes"]


def test_what_was_told_is_not_sent_again_and_each_record_is_noted_once(bonded, incident, tell, ask):
    bonded()
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()

    journal = ask.server.instance.store.journal
    (notes,) = [told for (_, name), told in journal.items() if name == "work_notes"]
    assert sum("Opened: Checkout fails" in note for note in notes) == 1
    assert sum("Resolved: Gone." in note for note in notes) == 1


@pytest.mark.parametrize("lost", [1, 2])
def test_lost_answers_make_neither_a_second_ticket_nor_a_second_note(bonded, incident, tell, rows, ask, shifted, lost):
    bonded()
    opened = incident()
    ask.control("habits", lose_answers=lost)
    for _ in range(4):
        tell()
        shifted(900)
    ask.control("habits", lose_answers=lost)
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    for _ in range(4):
        tell()
        shifted(900)

    (row,) = rows("incident")
    notes = ask.server.instance.store.journal[row["sys_id"], "work_notes"]
    assert row["state"] == "6"
    assert sum("Opened:" in note for note in notes) == 1
    assert sum("Resolved:" in note for note in notes) == 1
    assert Ticket.objects.get().error == ""


def test_a_worker_that_dies_between_the_create_and_its_record_leaves_one_ticket(
    bonded, incident, tell, rows, monkeypatch, shifted
):
    bonded()
    incident()
    with monkeypatch.context() as dying:
        dying.setattr(module, "_remember", lambda _ticket: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tell()
    assert Ticket.objects.get().sys_id == ""
    assert tell() == 0, "whoever died still holds it"

    shifted(200)
    assert tell() == 1
    (row,) = rows("incident")
    assert Ticket.objects.get().sys_id == row["sys_id"]


def test_what_happened_since_a_lost_create_is_noted_and_nothing_twice(
    bonded, incident, tell, rows, monkeypatch, shifted, ask
):
    bonded()
    opened = incident()
    with monkeypatch.context() as dying:
        dying.setattr(module, "_remember", lambda _ticket: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")

    shifted(200)
    assert tell() == 1
    notes = "\n".join(ask.server.instance.store.journal[rows("incident")[0]["sys_id"], "work_notes"])
    assert (notes.count("Opened:"), notes.count("Resolved:")) == (1, 1)


def test_a_worker_that_dies_after_an_update_writes_its_note_once(
    bonded, incident, tell, rows, monkeypatch, shifted, ask
):
    bonded()
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    with monkeypatch.context() as dying:
        dying.setattr(module, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tell()

    shifted(200)
    assert tell() == 1
    notes = ask.server.instance.store.journal[rows("incident")[0]["sys_id"], "work_notes"]
    assert sum("Resolved:" in note for note in notes) == 1


def test_a_limit_is_kept_for_the_whole_connection_without_asking_again(bonded, incident, tell, asked, ask, shifted):
    bonded()
    incident()
    ask.control("habits", limit=0, retry_after="1800")
    tell()
    incident(fingerprint="2")
    for _ in range(3):
        tell()

    assert len(asked()) == 1
    assert Bond.objects.get().paused_until is not None
    ask.control("habits", limit=-1)
    shifted(1801)
    assert tell() == 2
    assert Bond.objects.get().paused_until is None


def test_an_outage_of_theirs_of_two_hours_loses_nothing_and_leaves_one_command(
    bonded, incident, tell, rows, ask, shifted
):
    bonded()
    ask.control("habits", down=True)
    opened = incident()
    for _ in range(8):
        tell()
        shifted(900)
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()
    assert Ticket.objects.count() == 1

    ask.control("habits", down=False)
    shifted(900)
    tell()

    (row,) = rows("incident")
    assert row["state"] == "6"
    assert "Opened: Checkout fails" in row["description"]


def test_an_outage_of_ours_of_two_hours_loses_nothing(bonded, incident, tell, rows, shifted):
    bonded()
    opened = incident()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    shifted(7200)
    incident(fingerprint="2")

    tell()

    assert sorted(row["state"] for row in rows("incident")) == ["1", "6"]


def test_what_they_refuse_is_said_once_and_tried_again_when_there_is_more_to_say(
    bonded, incident, tell, asked, ask, rows
):
    bonded()
    ask.control("habits", forbidden=["incident"])
    opened = incident()
    for _ in range(3):
        tell()

    ticket = Ticket.objects.get()
    assert (ticket.refused, verbs(opened).count("ticket.refused")) == (True, 1)
    assert "403" in ticket.error
    assert asked().count("POST incident") == 1
    ask.control("habits", forbidden=[])
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()
    assert len(rows("incident")) == 1


def test_text_of_alerts_stays_text(bonded, incident, tell, rows):
    bonded()
    incident(title="[code]<script>alert(1)</script>[/code]\u202e ^ORactive=true")

    tell()

    (row,) = rows("incident")
    assert "[code]" not in row["short_description"] + row["description"]
    assert "\u202e" not in row["short_description"] + row["description"]


def test_two_workers_at_once_send_it_once(bonded, incident, tell, asked):
    bonded()
    incident()
    tell()
    ticket = Ticket.objects.get()

    assert send_ticket(ticket.pk) is False
    assert asked().count("POST incident") == 1


def test_nothing_is_followed_while_nothing_is_connected(incident, db):
    incident()

    assert follow_incidents() == 0


@pytest.mark.parametrize(
    "config",
    [
        {"maps": {"read": {"9": "BURNING"}}},
        {"maps": {"levels": {"S1": "1"}}},
        {"maps": ["x"]},
        {"people": {"fred": 1}},
        {"maps": {"answers": {"approved": "sign"}}},
        {"url": "file:///etc/passwd"},
        {"url": ""},
        {"url": "https:///"},
        {"url": "https://[::1"},
        {"url": "http://snow.example"},
    ],
)
def test_a_connection_with_maps_that_lead_nowhere_is_refused(ask, db, config):
    with pytest.raises(BadInputError):
        connect(
            "servicenow", "snow", "", {"url": ask.server.url, **config}, {"user": "u", "password": "p"}, actor=SYSTEM
        )
