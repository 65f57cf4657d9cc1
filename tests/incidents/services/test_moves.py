import pytest

from core.actors import MONITOR, PLANNER
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from core.permissions import Permission
from incidents.models import Incident
from incidents.permissions import grants
from incidents.services.acknowledge import acknowledge
from incidents.services.call_person import call_person
from incidents.services.close import close
from incidents.services.resolve import resolve
from incidents.services.resolve_if_quiet import resolve_if_quiet
from incidents.services.take_over import take_over

EXPECTED = {
    ("OPEN", "acknowledge", "ACKNOWLEDGED"),
    ("OPEN", "resolve", "RESOLVED"),
    ("ACKNOWLEDGED", "resolve", "RESOLVED"),
    ("RESOLVED", "close", "CLOSED"),
}


def test_the_graph_is_exactly_the_documented_one():
    moves = Incident._meta.get_field("state").get_all_transitions(Incident)

    assert {(str(move.source), move.name, str(move.target)) for move in moves} == EXPECTED


@pytest.mark.parametrize(
    ("permission", "operator", "admin", "manager", "nobody", "machine"),
    [
        (Permission.INCIDENT_ACKNOWLEDGE, True, True, False, False, False),
        (Permission.INCIDENT_CALL, True, True, False, False, True),
        (Permission.INCIDENT_CLOSE, True, True, False, False, False),
        (Permission.INCIDENT_READ, True, True, True, False, True),
        (Permission.INCIDENT_RESOLVE, True, True, False, False, True),
        (Permission.INCIDENT_TAKE_OVER, True, True, False, False, False),
        (Permission.SERVICE_READ, True, True, True, False, True),
        (Permission.SERVICE_REGISTER, False, True, False, False, True),
    ],
)
def test_who_may_do_what(permission, operator, admin, manager, nobody, machine, ada, dan, mallory):
    from core.actors import Actor

    oda = Actor(id="person:oda", roles=frozenset({"admin"}))
    told = [grants.allow(permission, actor) for actor in (ada, oda, dan, mallory, PLANNER)]

    assert told == [operator, admin, manager, nobody, machine]


@pytest.fixture
def incident(event, tell, db):
    return tell(event()).incident


def test_the_whole_life_is_in_the_ledger(incident, ada, verbs):
    acknowledge(incident.pk, actor=ada)
    resolve(incident.pk, actor=ada, why="Rolled back.")
    closed = close(incident.pk, actor=ada)

    assert closed.state == "CLOSED"
    assert (closed.acknowledged_by, closed.resolved_by, closed.closed_by, closed.held_by) == (
        ada.id,
        ada.id,
        ada.id,
        "ada",
    )
    assert verbs(incident.subject)[2:] == ["incident.acknowledged", "incident.resolved", "incident.closed"]


def test_it_cannot_be_taken_on_twice(incident, ada, ben):
    acknowledge(incident.pk, actor=ada)

    with pytest.raises(WrongStateError, match="already acknowledged"):
        acknowledge(incident.pk, actor=ben)


@pytest.mark.parametrize("verb", [acknowledge, close, take_over])
def test_mallory_and_machines_may_not(incident, verb, mallory, dan, verbs):
    before = verbs()

    for actor in (mallory, dan, MONITOR):
        with pytest.raises(NotPermittedError):
            verb(incident.pk, actor=actor)

    incident = Incident.objects.get()
    assert (incident.state, incident.held_by) == ("OPEN", "")
    assert verbs() == before


def test_mallory_may_not_resolve_but_the_monitor_may(incident, mallory):
    with pytest.raises(NotPermittedError):
        resolve(incident.pk, actor=mallory, why="Nothing to see here.")

    assert resolve(incident.pk, actor=MONITOR, why="The error rate is back.").resolved_by == "agent:monitor"


def test_an_open_incident_cannot_be_closed(incident, ada):
    with pytest.raises(WrongStateError, match="only a resolved"):
        close(incident.pk, actor=ada)


def test_the_state_cannot_be_set_past_its_moves(incident):
    with pytest.raises(AttributeError):
        incident.state = "CLOSED"


def test_there_is_no_incident_that_is_not_there(db, ada):
    with pytest.raises(NotFoundError):
        acknowledge(4711, actor=ada)


def test_taking_over_acknowledges_and_the_next_one_can_take_over_again(incident, ada, ben, verbs):
    taken = take_over(incident.pk, actor=ada)
    assert (taken.state, taken.held_by, taken.acknowledged_by) == ("ACKNOWLEDGED", "ada", ada.id)

    assert take_over(incident.pk, actor=ben).held_by == "ben"
    assert verbs(incident.subject)[2:] == ["incident.taken_over", "incident.taken_over"]


def test_what_is_resolved_cannot_be_taken_over(incident, ada):
    resolve(incident.pk, actor=ada, why="Gone.")

    with pytest.raises(WrongStateError):
        take_over(incident.pk, actor=ada)


def test_a_person_is_called_once_for_one_reason(incident, verbs):
    call_person(incident.pk, actor=PLANNER, why="No hypothesis stood out.")
    called = call_person(incident.pk, actor=PLANNER, why="No hypothesis stood out.")

    assert called.called_because == "No hypothesis stood out."
    assert verbs(incident.subject).count("person.called") == 1


def test_an_incident_is_resolved_by_the_monitor_only_once_nothing_fires(incident, event, tell):
    assert resolve_if_quiet(incident.pk, actor=MONITOR).state == "OPEN"

    tell(event(after_s=60, status="resolved"))

    assert resolve_if_quiet(incident.pk, actor=MONITOR).state == "RESOLVED"
    assert resolve_if_quiet(incident.pk, actor=MONITOR).resolved_by == "agent:monitor"
