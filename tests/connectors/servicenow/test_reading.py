"""What comes back: `read_changes`, `heed_hint`, `hear_ticket`; `read_assents` is walked in tests/agents."""

import json

import pytest

from connectors.models import Bond, Delivery, SeenRecord, Ticket
from connectors.servicenow.desk import seen
from connectors.servicenow.maps import maps_of
from connectors.services import read_changes as module
from connectors.services.accept import accept
from connectors.services.drain import drain
from connectors.services.hear_ticket import hear_ticket
from connectors.services.read_assents import person_of
from connectors.services.read_changes import read_changes
from core.actors import INTAKE, SYSTEM, Role
from incidents.models import Alert, Incident
from lab.servicenow.instance import INTEGRATION
from people.models import Person
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db
DOWN = {"short_description": "Mail is down", "impact": "1", "urgency": "1"}


def test_a_ticket_that_no_webhook_told_of_is_found_by_reading(both, act, turn, ask):
    both()
    act(DOWN)

    turn()

    assert [one.title for one in Incident.objects.all()] == ["Mail is down"]
    ticket = Ticket.objects.get()
    assert (ticket.is_theirs, ticket.number) == (True, "INC0010001")


def test_what_was_read_is_taken_in_once_though_the_readings_overlap(both, act, turn):
    both()
    act(DOWN)
    for _ in range(3):
        turn()

    assert Delivery.objects.count() == 1
    assert Alert.objects.get().count == 1


def test_two_hours_without_us_lose_nothing_of_theirs(both, act, turn, ask, shifted):
    connection = both()
    turn()
    shifted(7200)
    ask.control("time", shift_s=3600)
    first = act(DOWN)
    act({"state": "2"}, first["sys_id"])
    ask.control("time", shift_s=7200)
    act({**DOWN, "short_description": "Printing is down"})

    turn()

    assert {one.title for one in Alert.objects.all()} == {"Mail is down", "Printing is down"}
    assert read_changes(connection)


def test_two_hours_without_them_are_waited_out_and_read_then(both, act, turn, ask, shifted):
    both()
    turn()
    ask.control("habits", down=True)
    for _ in range(8):
        turn()
        shifted(900)
    assert "503" in Bond.objects.get().error
    act(DOWN)
    ask.control("habits", down=False)

    turn()

    assert Incident.objects.count() == 1
    assert Bond.objects.get().error == ""


def test_a_limit_stops_reading_until_it_is_over(both, turn, ask, asked, shifted):
    both()
    ask.control("habits", limit=0, retry_after="1800")
    for _ in range(3):
        turn()
    assert len(asked()) == 1

    ask.control("habits", limit=-1)
    shifted(1801)
    turn()
    assert len(asked()) > 1


def test_a_resolved_ticket_of_theirs_resolves_what_it_opened(both, act, turn):
    both()
    row = act(DOWN)
    turn()
    act({"state": "6", "close_code": "Solved", "close_notes": "Done."}, row["sys_id"])

    turn()

    assert Alert.objects.get().status == "resolved"


def test_a_ticket_of_ours_that_somebody_resolves_there_ends_the_incident_here(both, act, turn, incident):
    both()
    opened = incident()
    turn()
    act({"state": "6", "close_code": "Solved", "close_notes": "Done."}, Ticket.objects.get().sys_id)

    turn()

    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"
    assert Incident.objects.count() == 1


def test_a_state_that_no_map_knows_is_unclassified_and_moves_nothing(both, act, turn, incident, facts_of):
    both()
    opened = incident()
    turn()
    act({"state": "42"}, Ticket.objects.get().sys_id)

    turn()

    assert Incident.objects.get(pk=opened.pk).state == "OPEN"
    assert [(told["state"], told["code"]) for told in facts_of("ticket.changed")] == [("unclassified", "42")]


def test_an_own_map_reads_their_own_states(both, act, turn, incident):
    both(maps={"read": {"42": "RESOLVED"}})
    opened = incident()
    turn()
    act({"state": "42"}, Ticket.objects.get().sys_id)

    turn()

    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"


def test_the_same_count_by_somebody_else_is_no_echo_and_neither_is_our_user_with_another_count(both, turn, incident):
    both()
    incident()
    turn()
    ticket = Ticket.objects.get()
    ours = {"sys_mod_count": str(ticket.mod_count), "sys_updated_by": INTEGRATION, "state": "2"}

    def heard(**values):
        told = seen({**ours, **values}, maps_of({}))
        return hear_ticket(ticket.pk, told, user=INTEGRATION, actor=SYSTEM)

    assert heard() is False
    assert heard(sys_mod_count=str(ticket.mod_count + 1)) is True
    assert heard(sys_mod_count=str(ticket.mod_count + 2), sys_updated_by="fred.luddy") is True


def test_what_somebody_did_right_before_our_own_write_is_not_hidden_by_it(both, act, turn, incident, analyzed):
    both(poll_s=3600)
    opened = incident()
    turn()
    act({"state": "6", "close_code": "Solved", "close_notes": "Done."}, Ticket.objects.get().sys_id)
    analyzed(opened)

    turn()

    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"


def test_a_webhook_about_a_ticket_of_ours_opens_nothing_and_brings_the_reading_forward(
    both, turn, incident, ask, source, django_capture_on_commit_callbacks
):
    both(poll_s=3600)
    incident()
    turn()
    before = Bond.objects.get().poll_at
    body = ask.server.instance.rules.sent[0]["body"]
    assert body["record"]["correlation_id"].startswith("countersign:")

    accept(source, json.dumps(body).encode(), headers={})
    with django_capture_on_commit_callbacks(execute=True):
        drain(actor=INTAKE)

    assert Incident.objects.count() == 1
    assert Delivery.objects.get().state == "IGNORED"
    assert Bond.objects.get().poll_at < before


def test_only_what_the_connection_asks_for_is_taken_in(both, act, turn):
    both(only={"category": "network"})
    act(DOWN)
    act({**DOWN, "short_description": "The router is down", "category": "network"})

    turn()

    assert [one.title for one in Alert.objects.all()] == ["The router is down"]


def test_more_than_fits_one_reading_is_read_in_several(both, act, turn, monkeypatch, ask):
    monkeypatch.setattr(module, "MOST", 2)
    both()
    for number in range(5):
        ask.control("time", shift_s=number * 10)
        act({**DOWN, "short_description": f"Number {number}"})
    for _ in range(4):
        turn()

    assert Alert.objects.count() == 5
    assert SeenRecord.objects.count() == 5


def test_one_worker_reads_at_a_time(both, turn):
    connection = both(poll_s=3600)
    turn()

    assert read_changes(connection) is False


@pytest.mark.parametrize(
    ("user", "handle"),
    [
        ({"user_name": "b.b", "email": "x@example.test", "active": "true"}, "ben"),
        ({"user_name": "c.c", "email": "CLEO@example.test", "active": "true"}, "cleo"),
        ({"user_name": "c.c", "email": "cleo@example.test", "active": "false"}, None),
        ({"user_name": "t.t", "email": "twins@example.test", "active": "true"}, None),
        ({"user_name": "n.n", "email": "", "active": "true"}, None),
        ({"user_name": "", "email": "cleo@example.test", "active": "true"}, None),
        ({"user_name": "g.g", "email": "cleo@example.test", "active": "true"}, None),
        ({}, None),
    ],
)
def test_an_approver_is_known_by_the_connections_list_or_by_an_address_that_one_person_has(both, user, handle):
    connection = both(people={"b.b": "ben", "g.g": "gone"})
    for name, email in (
        ("ben", ""),
        ("cleo", "cleo@example.test"),
        ("tim", "twins@example.test"),
        ("tom", "twins@example.test"),
    ):
        add_person(name, name.title(), [Role.APPROVER], actor=SYSTEM)
        Person.objects.filter(handle=name).update(email=email)

    found = person_of(connection, user)

    assert (found.handle if found else None) == handle
