"""Maintenance windows: planned by `open_window`, ended by `end_window`, judged anew by `settle_window` and `admit`."""

from datetime import timedelta

import pytest

from core import clock
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from incidents.desk import Desk
from incidents.models import Alert, Incident, MaintenanceWindow
from incidents.services import settle_window as settling
from incidents.services.admit import admit
from incidents.services.end_window import end_window
from incidents.services.open_window import WindowPlan, open_window
from incidents.services.settle_window import settle_due, settle_window
from incidents.tasks import reconcile
from incidents.windows import hands_off, hides, in_force, would_have_hidden

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def at(monkeypatch, t0):
    """Set the clock: `at(minutes after T0)`; it begins there."""

    def jump(minutes):
        monkeypatch.setattr(clock, "now", lambda: t0 + timedelta(minutes=minutes))

    jump(0)
    return jump


@pytest.fixture
def planned(at, shop, ada, t0):
    """Open a window of two hours."""

    def make(**more):
        given = {"why": "New disks.", "until": t0 + 2 * HOUR, "services": ("checkout",), **more}
        return open_window(WindowPlan(**given), actor=ada)

    return make


def test_an_alert_inside_opens_nothing_and_is_counted(planned, event, tell, verbs):
    window = planned()
    alert = tell(event("a", 60))

    assert (alert.status, alert.told, alert.incident, alert.window) == ("suppressed", "firing", None, window)
    assert alert.held_because == "Hidden until 2026-03-01 14:00 UTC by maintenance: New disks."
    assert not Incident.objects.exists()
    found = hides(window)
    assert (found.now, found.in_all, found.worst, found.examples) == (1, 1, "S3", ("a hurts a lot",))
    assert verbs(window.subject) == ["maintenance.opened", "alert.hidden"]


def test_being_told_again_behind_the_window_writes_no_second_entry(planned, event, tell, verbs):
    window = planned()
    for after_s in (60, 70, 80):
        alert = tell(event("a", after_s))

    assert (alert.count, verbs(window.subject).count("alert.hidden")) == (3, 1)


def test_a_critical_alert_comes_through_also_when_it_gets_worse_behind_the_window(planned, event, tell):
    planned()
    assert tell(event("a", 60)).incident is None
    worse = tell(event("a", 70, severity="critical"))

    assert (worse.status, worse.incident.severity, worse.held_because) == ("firing", "S1", "")


def test_what_is_outside_is_not_hidden(planned, event, tell):
    planned()

    assert tell(event("a", 60, service="payments")).incident is not None


def test_an_incident_that_was_open_before_goes_on(planned, event, tell):
    before = tell(event("a"))
    planned()
    again = tell(event("a", 60))

    assert (again.incident_id, again.status) == (before.incident_id, "firing")


def test_at_its_end_what_still_fires_is_judged_anew_and_what_was_resolved_stays_so(planned, event, tell, at, verbs):
    window = planned()
    tell(event("a", 60))
    tell(event("b", 70, severity="high"))
    tell(event("c", 80))
    tell(event("c", 90, status="resolved"))
    at(121)
    assert settle_due() == [window.pk]

    window.refresh_from_db()
    incident = Incident.objects.get()
    assert (incident.severity, incident.alerts.count(), window.hid, window.came_back) == ("S2", 2, 3, 2)
    assert set(incident.alerts.values_list("status", "held_because")) == {("firing", "")}
    assert Alert.objects.get(fingerprint="v1:c").incident is None
    assert verbs(window.subject)[-1] == "maintenance.settled"
    assert hides(window).now == 0


def test_an_acknowledged_alert_gets_its_own_state_back(planned, event, tell, at):
    planned()
    tell(event("a", 60, status="acknowledged"))
    at(121)
    reconcile()

    assert Alert.objects.get().status == "acknowledged"


def test_what_the_source_silenced_itself_is_not_woken_at_the_end(planned, event, tell, at):
    planned()
    tell(event("a", 60))
    tell(event("a", 70, status="suppressed"))
    at(121)
    settle_due()

    assert (Alert.objects.get().status, Incident.objects.count()) == ("suppressed", 0)


def test_ending_early_brings_it_back_and_no_clock_opens_the_window_again(planned, event, tell, at, ben, verbs):
    window = planned()
    tell(event("a", 60))
    at(5)
    end_window(window.pk, actor=ben)
    at(3)
    settle_due()

    window.refresh_from_db()
    assert (window.ended_by, window.settled_at is not None, Incident.objects.count()) == ("person:ben", True, 1)
    at(1)
    assert tell(event("d", 100)).incident is not None
    assert in_force(clock.now()) == []
    assert verbs(window.subject)[-3:] == ["alert.hidden", "maintenance.ended", "maintenance.settled"]


def test_a_window_that_ran_out_stays_over_when_the_clock_is_set_back_before_its_end(planned, event, tell, at):
    window = planned()
    at(121)
    settle_due()
    at(60)

    assert tell(event("a", 60)).incident is not None
    assert MaintenanceWindow.objects.get(pk=window.pk).state(clock.now()) == "over"


def test_nothing_happens_before_the_end_and_nothing_twice_after_it(planned, event, tell, at):
    window = planned()
    tell(event("a", 60))
    assert settle_due() == []
    assert settle_window(window.pk, actor=INTAKE)
    assert Alert.objects.get().incident is None
    at(121)
    settle_due()
    assert settle_due() == []
    assert Incident.objects.count() == 1


def test_another_window_that_is_still_open_goes_on_hiding(planned, event, tell, at, t0):
    planned()
    tell(event("a", 60))
    longer = planned(until=t0 + 3 * HOUR, why="Firmware.")
    at(121)
    settle_due()

    alert = Alert.objects.get()
    assert (alert.status, alert.window, alert.incident) == ("suppressed", longer, None)
    assert "Firmware." in alert.held_because


def test_many_are_judged_in_batches(planned, event, tell, at, monkeypatch):
    monkeypatch.setattr(settling, "BATCH", 2)
    window = planned()
    for name in "abcde":
        tell(event(name, 60))
    at(121)

    assert [settle_window(window.pk, actor=INTAKE) for _ in range(3)] == [False, False, True]
    window.refresh_from_db()
    assert (window.hid, window.came_back, Incident.objects.count()) == (5, 5, 1)


def test_an_alert_that_is_admitted_has_an_incident(event, tell, at):
    alert = tell(event("a"))

    assert admit(Desk(INTAKE), alert)
    assert Incident.objects.count() == 1


def test_a_planned_window_hides_nothing_until_it_begins_and_can_be_called_off(planned, event, tell, t0, ada):
    window = planned(starts_at=t0 + HOUR)

    assert (window.state(t0), tell(event("a")).incident is not None) == ("planned", True)
    end_window(window.pk, actor=ada)
    assert in_force(t0 + 1.5 * HOUR) == []
    with pytest.raises(WrongStateError, match="over already"):
        end_window(window.pk, actor=ada)


def test_a_freeze_hides_nothing_and_keeps_agents_off(planned, event, tell, t0):
    planned(kind="freeze", why="Black Friday.", services=(), environment="lab", until=t0 + timedelta(days=5))

    assert tell(event("a")).incident is not None
    assert hands_off("payments", "lab").startswith("Changes are frozen on lab/payments until 2026-03-06 12:00 UTC")
    assert hands_off("payments", "prod") == ""


def test_it_says_what_it_would_have_hidden_last_week(planned, event, tell, t0):
    tell(event("a", severity="critical"))
    tell(event("b", 10, labels={"host": "wh-1"}))

    assert would_have_hidden(planned().as_value(), t0) == (2, "S1")
    assert would_have_hidden(planned(labels={"host": "wh-*"}).as_value(), t0) == (1, "S3")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"why": "  "}, "Say why"),
        ({"why": "x" * 301}, "Say why"),
        ({"services": ()}, "Say what it covers"),
        ({"services": ("cellar",)}, "no 'cellar'"),
        ({"kind": "party"}, "no kind of window"),
        ({"kind": "freeze", "labels": {"a": "b"}}, "takes no labels"),
        ({"labels": {"a": "b" * 201}}, "at most 200"),
        ({"hours": -1}, "in the future"),
        ({"hours": 24 * 8}, "lasts 7 days at most"),
        ({"hours": 2, "from_hours": 3}, "after `from`"),
        ({"hours": 9001, "from_hours": 9000}, "more than a year"),
    ],
)
def test_a_window_that_cannot_be_is_refused_in_a_sentence(planned, t0, more, said):
    if "hours" in more:
        more = {"until": t0 + more["hours"] * HOUR, "starts_at": t0 + more.get("from_hours", 0) * HOUR}
    with pytest.raises(BadInputError, match=said):
        planned(**more)
    assert not MaintenanceWindow.objects.exists()


def test_only_operators_open_and_end_windows_and_only_for_what_is_theirs(planned, dan, mallory, t0):
    mine = Actor(id="person:m", scoped=frozenset({("operator", "service:lab/checkout")}))
    plan = WindowPlan(why="Mine.", until=t0 + HOUR, services=("checkout",))
    wider = WindowPlan(why="Mine.", until=t0 + HOUR, services=("checkout", "payments"))
    all_of_it = WindowPlan(why="Mine.", until=t0 + HOUR, environment="lab")
    window = planned()
    for actor in (dan, mallory, INTAKE):
        with pytest.raises(NotPermittedError):
            open_window(plan, actor=actor)
        with pytest.raises(NotPermittedError):
            end_window(window.pk, actor=actor)
    for refused in (wider, all_of_it):
        with pytest.raises(NotPermittedError):
            open_window(refused, actor=mine)
    assert open_window(plan, actor=mine).opened_by == "person:m"
    assert open_window(all_of_it, actor=SYSTEM).pk


def test_there_is_no_such_window(at, ada):
    with pytest.raises(NotFoundError):
        end_window(404, actor=ada)
