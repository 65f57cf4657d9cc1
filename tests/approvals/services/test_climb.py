"""The ladder: each step once, in order, however the clock jumps; none of them approves anything."""

from dataclasses import replace

import pytest

from approvals import askees, bundles
from approvals.models import ApprovalRequest, RequestTimer
from approvals.services.climb import climb, climb_due
from approvals.services.propose import propose
from approvals.services.start_timers import start_timers
from approvals.services.withdraw import withdraw
from approvals.settling import judge
from approvals.tasks import expire as task
from audit.models import Entry
from audit.selectors import facts_of
from core.actors import PLANNER, POLICY
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, state_of
from tests.approvals.plans import restart, rollback, step

pytestmark = pytest.mark.django_db

STEPS = ("request.reminded", "request.escalated", "request.expired")


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def entries(request: ApprovalRequest) -> list[Entry]:
    return list(Entry.objects.filter(subject=f"request:{request.pk}", verb__in=STEPS).order_by("pk"))


def told(request: ApprovalRequest) -> list[tuple[str, str]]:
    return [(entry.verb, str(facts_of(entry).get("step", ""))) for entry in entries(request)]


def test_the_steps_stand_in_rows_from_the_opening_on(request_):
    rows = request_.timers.order_by("due_at").values_list("kind", "group", "done_at")

    assert list(rows) == [
        ("reminder", "", None),
        ("backup", "backup-approvers", None),
        ("manager", "manager", None),
        ("expiry", "", None),
    ]
    assert request_.timers.get(kind="expiry").due_at == request_.expires_at


def test_what_policy_decides_alone_is_left_in_peace_by_its_timers(cast, monkeypatch):
    granted = propose(restart(), actor=PLANNER)
    shift(monkeypatch, hours=20)

    climb_due(actor=POLICY)

    assert state_of(granted) == "GRANTED"
    assert entries(granted) == []


def test_nothing_happens_before_its_time(request_, monkeypatch):
    shift(monkeypatch, hours=1, minutes=59)

    assert climb_due(actor=POLICY) == []
    assert entries(request_) == []


def test_a_reminder_names_who_has_not_decided(cast, request_, monkeypatch):
    shift(monkeypatch, hours=2, seconds=1)
    climb_due(actor=POLICY)

    (entry,) = entries(request_)
    assert entry.verb == "request.reminded"
    assert set(facts_of(entry)["to"]) == {one.person.pk for one in (cast.ben, cast.cleo, cast.eve, cast.oda)}


def test_a_clock_that_jumps_over_two_steps_takes_both_in_order(request_, monkeypatch):
    shift(monkeypatch, hours=4, minutes=30)

    assert climb(request_.pk, actor=POLICY) == ["reminder", "backup"]
    assert told(request_) == [("request.reminded", "reminder"), ("request.escalated", "backup")]
    assert state_of(request_) == "PENDING"


def test_a_clock_that_jumps_over_everything_still_takes_every_step_and_ends_expired(request_, monkeypatch):
    shift(monkeypatch, hours=9)

    task()

    assert [verb for verb, _ in told(request_)] == [
        "request.reminded",
        "request.escalated",
        "request.escalated",
        "request.expired",
    ]
    assert state_of(request_) == "EXPIRED"


def test_a_clock_that_is_set_back_repeats_nothing(request_, monkeypatch):
    shift(monkeypatch, hours=4, minutes=30)
    climb_due(actor=POLICY)
    shift(monkeypatch, hours=-1)
    climb_due(actor=POLICY)
    shift(monkeypatch, hours=4, minutes=31)
    climb_due(actor=POLICY)

    assert len(entries(request_)) == 2


def test_running_it_again_and_again_changes_nothing(request_, monkeypatch):
    shift(monkeypatch, hours=2, seconds=1)

    assert [climb(request_.pk, actor=POLICY) for _ in range(3)] == [["reminder"], [], []]
    assert len(entries(request_)) == 1


def test_escalation_asks_more_people_and_needs_as_many_signatures(cast, monkeypatch):
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)
    before = judge(request).needed
    shift(monkeypatch, hours=8, seconds=1)

    climb_due(actor=POLICY)

    assert askees.asked_at(request)[cast.dan.person.pk] == "backup"
    assert (before, judge(request).needed, request.needed) == (3, 3, 3)
    assert state_of(request) == "PENDING"


def test_a_settled_request_is_not_climbed_further(cast, request_, monkeypatch):
    withdraw(request_.pk, actor=PLANNER, why="It recovered.")
    shift(monkeypatch, hours=9)

    assert climb(request_.pk, actor=POLICY) == []
    assert entries(request_) == []
    assert not RequestTimer.objects.filter(request=request_, done_at=None).exists()


def test_timers_that_somebody_took_away_do_not_keep_a_request_open(cast, request_, monkeypatch):
    RequestTimer.objects.all().delete()
    shift(monkeypatch, hours=6, seconds=1)

    task()

    assert state_of(request_) == "EXPIRED"


def test_a_decision_in_time_ends_the_ladder(cast, request_, monkeypatch):
    decide(request_, cast.ben)
    shift(monkeypatch, hours=9)
    climb_due(actor=POLICY)

    assert state_of(request_) == "GRANTED"


def test_a_policy_without_a_ladder_has_the_end_alone(cast, request_):
    RequestTimer.objects.all().delete()
    start_timers(request_, replace(bundles.in_force().policy, ladder=()))

    assert list(request_.timers.values_list("kind", flat=True)) == ["expiry"]
