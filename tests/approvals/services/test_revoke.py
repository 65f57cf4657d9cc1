"""An approval may be taken back until the executor has written down that it acts."""

import pytest
from django.db import transaction

from approvals import selectors
from approvals.models import ApprovalRequest
from approvals.services.propose import propose
from approvals.services.withdraw import withdraw
from approvals.settling import judge
from audit import ledger
from audit.models import Entry
from core.actors import PLANNER
from core.errors import BadInputError, WrongStateError
from proof.quorum import State
from tests.approvals.decisions import decide, state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted(cast) -> ApprovalRequest:
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    return request


def begun(request: ApprovalRequest) -> None:
    with transaction.atomic():
        ledger.append(
            actor="agent:executor", verb="run.intended", subject="run:1", about=[f"change:{request.change_id}"]
        )


def test_a_revoked_approval_opens_a_granted_request_again(cast, granted):
    decide(granted, cast.ben, "revoke")

    assert state_of(granted) == "PENDING"
    assert judge(granted).state is State.PENDING
    assert Entry.objects.filter(verb="request.reopened", subject=f"request:{granted.pk}").count() == 1
    assert [(one.verdict, one.stands) for one in selectors.decisions(granted)] == [("approve", False), ("revoke", True)]


def test_it_stays_granted_where_the_others_still_make_the_quorum(cast):
    request = propose(rollback(), actor=PLANNER)
    from approvals.services.record_decision import record_decision
    from tests.approvals.decisions import handed_out

    second = cast.cleo.sign(bytes(handed_out(request, cast.cleo, "abstain").statement))
    decide(request, cast.ben)
    with pytest.raises(WrongStateError):
        record_decision(request.pk, second, "", actor=cast.cleo.actor)

    assert state_of(request) == "GRANTED"


def test_whoever_revoked_may_approve_again(cast, granted):
    decide(granted, cast.ben, "revoke")

    decide(granted, cast.ben)

    assert state_of(granted) == "GRANTED"


def test_nothing_is_taken_back_once_it_has_begun(cast, granted):
    begun(granted)

    with pytest.raises(WrongStateError, match="begun"):
        decide(granted, cast.ben, "revoke")
    with pytest.raises(WrongStateError):
        withdraw(granted.pk, actor=cast.ada.actor, why="Too late.")
    assert state_of(granted) == "GRANTED"


def test_nobody_takes_back_what_they_did_not_give(cast, granted):
    with pytest.raises(WrongStateError, match="nothing to take back"):
        decide(granted, cast.cleo, "revoke")


def test_a_statement_handed_out_before_it_began_comes_too_late_after(cast, granted):
    from approvals.services.record_decision import record_decision
    from tests.approvals.decisions import handed_out

    sidecar = cast.ben.sign(bytes(handed_out(granted, cast.ben, "revoke").statement))
    begun(granted)

    with pytest.raises(WrongStateError):
        record_decision(granted.pk, sidecar, "", actor=cast.ben.actor)


def test_an_abstention_is_recorded_and_counts_for_nothing(cast):
    request = propose(rollback(), actor=PLANNER)

    decide(request, cast.ben, "abstain")

    assert (state_of(request), judge(request).have) == ("PENDING", 0)
    assert Entry.objects.filter(verb="decision.recorded", subject=f"request:{request.pk}").count() == 1


def test_a_person_who_withdraws_says_why(cast):
    request = propose(rollback(), actor=PLANNER)

    with pytest.raises(BadInputError, match="why"):
        withdraw(request.pk, actor=cast.ada.actor, why=" ")
