"""The graph of a request, and the verbs that end one without a decision."""

from datetime import timedelta

import pytest

from approvals.models import ApprovalRequest
from approvals.services.expire import expire, expire_due
from approvals.services.propose import propose
from approvals.services.void import void
from approvals.services.withdraw import withdraw
from approvals.tasks import expire as expire_task
from audit import ledger
from audit.models import Entry
from core import clock
from core.actors import PLANNER, POLICY
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from tests.approvals.decisions import decide, state_of
from tests.approvals.plans import restart, rollback

EXPECTED = {
    ("PENDING", "grant", "GRANTED"),
    ("PENDING", "reject", "REJECTED"),
    ("GRANTED", "reject", "REJECTED"),
    ("GRANTED", "reopen", "PENDING"),
    ("PENDING", "expire", "EXPIRED"),
    ("PENDING", "void", "VOIDED"),
    ("GRANTED", "void", "VOIDED"),
    ("PENDING", "withdraw", "WITHDRAWN"),
    ("GRANTED", "withdraw", "WITHDRAWN"),
}


def test_the_graph_is_exactly_the_documented_one():
    moves = ApprovalRequest._meta.get_field("state").get_all_transitions(ApprovalRequest)

    assert {(str(move.source), move.name, str(move.target)) for move in moves} == EXPECTED


@pytest.mark.django_db
def test_time_that_runs_out_never_approves(cast, monkeypatch):
    request = propose(rollback(), actor=PLANNER)
    assert expire_due(actor=POLICY) == []
    later = clock.now() + timedelta(hours=6, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    expire_task()

    assert state_of(request) == "EXPIRED"
    assert not expire(request.pk, actor=POLICY)
    assert Entry.objects.filter(verb="request.expired", subject=f"request:{request.pk}").count() == 1


@pytest.mark.django_db
def test_whoever_asked_may_withdraw_also_after_it_was_granted(cast):
    pending, granted = propose(rollback(), actor=PLANNER), propose(restart(), actor=PLANNER)

    withdraw(pending.pk, actor=PLANNER, why="it recovered")
    withdraw(granted.pk, actor=cast.ada.actor, why="it recovered")

    assert {state_of(pending), state_of(granted)} == {"WITHDRAWN"}
    assert ledger.timeline("incident:42", limit=1)[0].facts["why"] == "it recovered"
    with pytest.raises(WrongStateError):
        withdraw(pending.pk, actor=PLANNER)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["cleo", "dan", "mallory"])
def test_not_everybody_withdraws(cast, who):
    request = propose(rollback(), actor=PLANNER)

    with pytest.raises(NotPermittedError):
        withdraw(request.pk, actor=getattr(cast, who).actor)


@pytest.mark.django_db
def test_people_do_not_void(cast):
    request = propose(rollback(), actor=PLANNER)

    with pytest.raises(NotPermittedError):
        void(request.pk, actor=cast.oda.actor, why="I do not like it")
    void(request.pk, actor=POLICY, why="moved on")
    with pytest.raises(WrongStateError):
        void(request.pk, actor=POLICY, why="again")
    with pytest.raises(NotFoundError):
        void(999, actor=POLICY, why="what")


@pytest.mark.django_db
def test_a_no_comes_too_late_once_the_executor_has_begun(cast):
    from django.db import transaction

    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    with transaction.atomic():
        ledger.append(
            actor="agent:executor", verb="run.intended", subject="run:1", about=[f"change:{request.change_id}"]
        )

    with pytest.raises(WrongStateError):
        decide(request, cast.cleo, "reject", "Stop.")
