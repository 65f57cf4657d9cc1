"""A ticket in ServiceNow, from its opening to its end: the promise of both ways, with the fake and a real shop."""

import json

import pytest

from approvals.models import ApprovalRequest
from audit.models import Entry
from audit.services.sequence import sequence_all
from connectors.models import Assent, Connection, Delivery, Ticket
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.connect import connect
from connectors.services.drain import drain
from connectors.services.send_again import send_again
from connectors.services.tell_outside import tell_outside
from core.actors import INTAKE, SYSTEM
from incidents.models import Incident
from lab.servicenow.instance import INTEGRATION
from people.models import Person
from proof import canonical
from tests.agents.test_loop import sign
from tests.connectors.servicenow.conftest import BASIC, ask, running

__all__ = ["ask", "running"]


@pytest.fixture
def snow(world, ask, settings):
    """The fake, connected both ways; `snow.turn()` lets both sides do what is due."""
    source = add_source("servicenow", "Snow", autonomy="act", actor=SYSTEM).source
    Person.objects.filter(handle="cleo").update(email="approver.one@example.test")
    ask.control("habits", auth="basic")
    told = {
        "url": ask.server.url,
        "user_name": INTEGRATION,
        "source": source.slug,
        "changes": True,
        "require_approval": True,
        "poll_s": 0,
        "people": {"approver.two": "ben"},
        "maps": {"groups": {"*": "5e" * 16}},
    }
    connect("servicenow", "snow", "lab", told, BASIC, actor=SYSTEM)
    return Snow(ask, source)


class Snow:
    def __init__(self, ask, source):
        self.ask, self.source, self.given = ask, source, 0
        self.store = ask.server.instance.store

    def turn(self):
        for told in self.ask.server.instance.rules.sent[self.given :]:
            accept(self.source, json.dumps(told["body"]).encode(), headers={})
        self.given = len(self.ask.server.instance.rules.sent)
        for _ in range(2):
            drain(actor=INTAKE)
            sequence_all()
            tell_outside()
        drain(actor=INTAKE)

    def opens(self, **values):
        told = {"short_description": "Payments fail", "impact": "1", "urgency": "1", "business_service": self.ci()}
        return self.act("fred.luddy", "incident", told | values)

    def ci(self):
        found = self.store.select("cmdb_ci", "name=payments")
        return (found or [self.act("fred.luddy", "cmdb_ci", {"name": "payments"})])[0]["sys_id"]

    def act(self, by, table, values, sys_id=""):
        told = {"by": by, "table": table, "values": values, "sys_id": sys_id}
        return self.ask.control("record", **told).json()["result"]

    def answer(self, user_name, state="approved", by=""):
        (user,) = self.store.select("sys_user", f"user_name={user_name}")
        (record,) = self.store.select("sysapproval_approver", f"approver={user['sys_id']}")
        self.act(by or user_name, "sysapproval_approver", {"state": state}, record["sys_id"])

    def rows(self, table):
        return self.store.select(table, "")


def waiting_for_both(world, work, snow):
    world.break_config()
    snow.ask.control("habits", mute=True)
    snow.opens()
    snow.turn()
    remediation = work()
    snow.turn()
    return remediation, ApprovalRequest.objects.get(pk=remediation.request_id)


def test_a_ticket_becomes_an_incident_is_approved_there_and_here_and_only_then_runs(world, work, cast, snow):
    remediation, request = waiting_for_both(world, work, snow)
    assert Incident.objects.get().title == "Payments fail"
    (change,) = snow.rows("change_request")
    assert change["correlation_id"] == f"countersign:change:{request.change_id}"
    assert request.change_id in change["description"]
    assert change["state"] == "-4"

    sign(request.pk, cast.ben)
    remediation = work(rounds=6)
    assert remediation.state == "AWAITING_APPROVAL"
    assert "ServiceNow" in remediation.doing
    assert world.config() == {"timeout_ms": 25}

    snow.answer("approver.one")
    snow.turn()
    assent = Assent.objects.get()
    assert (assent.verdict, assent.counts, assent.person_id) == ("approve", True, cast.cleo.person.pk)
    ended = work()
    assert ended.state == "COMPLETED", ended.note
    snow.turn()

    (ticket,) = snow.rows("incident")
    assert ticket["state"] == "6"
    assert "Outcome: it helped." in ticket["close_notes"]
    assert "Ledger checkpoint: " in ticket["close_notes"]
    assert Incident.objects.count() == 1
    assert len(snow.rows("incident")) == 1
    assert Ticket.objects.get(table="incident").is_theirs

    (change,) = snow.rows("change_request")
    assert (change["state"], change["close_code"]) == ("3", "successful")
    assert "Outcome: it helped." in change["close_notes"]
    assert [told["states"] for told in facts_of("ticket") if "states" in told] == [["-4"], ["-1", "0", "3"]]
    mirrored = Ticket.objects.get(table="change_request")
    assert (mirrored.stands, mirrored.error, mirrored.refused) == ("Closed", "", False)


def facts_of(noun):
    found = Entry.objects.filter(verb__startswith=f"{noun}.").order_by("pk")
    return [canonical.loads(bytes(one.facts)) for one in found]


def test_states_that_are_refused_there_hold_up_no_outcome_and_can_be_sent_again(world, work, cast, snow):
    known = Connection.objects.get(name="snow")
    connect("servicenow", "snow", "lab", {**known.config, "maps": {}}, actor=SYSTEM)
    waiting_for_both(world, work, snow)
    mirrored = Ticket.objects.get(table="change_request")
    assert mirrored.refused
    assert "Assignment group" in mirrored.error
    assert mirrored.done_seq == mirrored.wanted_seq

    connect("servicenow", "snow", "lab", known.config, actor=SYSTEM)
    snow.act("fred.luddy", "change_request", {"assignment_group": "5e" * 16}, change(snow))
    send_again(mirrored.pk, actor=SYSTEM)
    snow.turn()

    mirrored.refresh_from_db()
    assert (mirrored.stands, mirrored.error) == ("Assess", "")
    notes = snow.store.journal[mirrored.sys_id, "work_notes"]
    assert len(notes) == len(set(notes))


def test_without_their_approval_it_is_never_moved_past_it(world, work, cast, snow):
    known = Connection.objects.get(name="snow")
    connect("servicenow", "snow", "lab", {**known.config, "require_approval": False}, actor=SYSTEM)
    _, request = waiting_for_both(world, work, snow)
    sign(request.pk, cast.ben)

    assert work().state == "COMPLETED"
    snow.turn()

    (row,) = snow.rows("change_request")
    assert (row["state"], row["approval"]) == ("-4", "requested")
    assert "not approved there" in Ticket.objects.get(table="change_request").error
    assert any("Outcome: it helped." in note for note in snow.store.journal[row["sys_id"], "work_notes"])


def test_the_approval_there_alone_runs_nothing(world, work, cast, snow):
    waiting_for_both(world, work, snow)

    snow.answer("approver.one")
    snow.turn()

    remediation = work(rounds=6)
    assert remediation.state == "AWAITING_APPROVAL"
    assert world.config() == {"timeout_ms": 25}


def test_a_rejection_there_ends_it_though_people_here_signed(world, work, cast, snow):
    _, request = waiting_for_both(world, work, snow)
    sign(request.pk, cast.ben)
    snow.answer("approver.one", "rejected")
    snow.turn()

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "rejected")
    assert world.config() == {"timeout_ms": 25}
    snow.turn()
    assert [row["state"] for row in snow.rows("change_request")] == ["4"]


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (lambda snow: snow.answer("approver.one", by=INTEGRATION), "Somebody else"),
        (lambda snow: snow.answer("approver.one", by="fred.luddy"), "Somebody else"),
        (
            lambda snow: (
                Person.objects.get(handle="cleo").role_grants.filter(role="approver").delete(),
                snow.answer("approver.one"),
            ),
            "may not approve",
        ),
        (
            lambda snow: (
                snow.act("fred.luddy", "sys_user", {"email": "nobody@example.test"}, user(snow, "approver.one")),
                snow.answer("approver.one"),
            ),
            "Nobody here",
        ),
        (
            lambda snow: (
                snow.act(
                    "fred.luddy", "change_request", {"correlation_id": "countersign:change:" + "0" * 64}, change(snow)
                ),
                snow.answer("approver.one"),
            ),
            "hash",
        ),
        (
            lambda snow: (
                snow.act("fred.luddy", "change_request", {"description": "Harmless."}, change(snow)),
                snow.answer("approver.one"),
            ),
            "hash",
        ),
    ],
    ids=["our-account", "another-user", "no-approver", "unknown-person", "other-plan", "text-replaced"],
)
def test_an_approval_that_is_not_the_right_persons_for_this_plan_does_not_count(world, work, cast, snow, attack, why):
    _, request = waiting_for_both(world, work, snow)
    sign(request.pk, cast.ben)

    attack(snow)
    snow.turn()

    assent = Assent.objects.get()
    assert (assent.counts, why in assent.why) == (False, True), assent.why
    assert Entry.objects.filter(verb="assent.discounted").count() == 1
    remediation = work(rounds=4)
    assert remediation.state == "AWAITING_APPROVAL"
    assert world.config() == {"timeout_ms": 25}


def user(snow, name):
    return snow.store.select("sys_user", f"user_name={name}")[0]["sys_id"]


def change(snow):
    return snow.rows("change_request")[0]["sys_id"]


def test_a_webhook_that_says_approved_counts_for_nothing(world, work, cast, snow):
    _, request = waiting_for_both(world, work, snow)
    sign(request.pk, cast.ben)
    (record, *_) = snow.rows("sysapproval_approver")
    forged = {"event": "sysapproval_approver.updated", "record": {**record, "state": "approved"}}

    accept(snow.source, json.dumps(forged).encode(), headers={})
    snow.turn()

    assert Assent.objects.count() == 0
    assert work(rounds=4).state == "AWAITING_APPROVAL"


def test_an_answer_that_is_taken_back_before_the_run_counts_no_more(world, work, cast, snow):
    _, request = waiting_for_both(world, work, snow)
    snow.answer("approver.one")
    snow.turn()
    snow.answer("approver.one", "requested")
    snow.turn()
    sign(request.pk, cast.ben)

    assert work(rounds=4).state == "AWAITING_APPROVAL"
    assert [one.verdict for one in Assent.objects.order_by("pk")] == ["approve", "withdrawn"]


def test_our_own_writes_come_back_as_no_alert_and_no_second_incident(world, work, cast, snow):
    world.break_config()
    snow.opens()
    for _ in range(4):
        snow.turn()
        work(rounds=2)

    assert Incident.objects.count() == 1
    assert len(snow.rows("incident")) == 1
    assert Entry.objects.filter(verb="ticket.changed").count() == 0
    assert not Delivery.objects.filter(state="DEAD").exists()
