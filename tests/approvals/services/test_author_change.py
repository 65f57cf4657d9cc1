"""An edited plan above MEDIUM waits for its author's signature (H9): service `author_change`."""

import pytest

from approvals.models import ApprovalRequest
from approvals.services.propose import propose
from approvals.services.revise import revise
from approvals.settling import judge
from core.actors import PLANNER
from core.errors import NotFoundError, NotPermittedError, RefusedError, WrongStateError
from proof.quorum import State
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.plans import rollback
from tests.approvals.services.test_revise import edited

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision(cast):
    request = propose(rollback(), actor=PLANNER)
    return revise(request.pk, edited(request, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)


def sign_for(member, revision, **said):
    return member.act("author-change", f"change:{revision.change_id}", revises=revision.revises.change_id, **said)


def test_the_authors_signature_opens_the_request(cast, revision):
    answer = sign_for(cast.ada, revision).result

    request = ApprovalRequest.objects.get(pk=answer["request"])
    assert (request.change_id, request.state, state_of(revision.revises)) == (revision.change_id, "PENDING", "VOIDED")
    decide(request, cast.cleo)
    assert judge(request).state is State.GRANTED


def test_nobody_else_signs_for_it(cast, revision):
    with pytest.raises(NotPermittedError, match="Somebody else wrote"):
        sign_for(cast.ben, revision)


def test_the_author_may_not_approve_it_whatever_the_document_leaves_out(cast):
    request = propose(rollback(), actor=PLANNER)
    revision = revise(request.pk, edited(request, cast.ben.actor), "Wrong commit.", actor=cast.ben.actor)
    again = ApprovalRequest.objects.get(pk=sign_for(cast.ben, revision).result["request"])

    with pytest.raises(RefusedError, match="proposed or shaped"):
        handed_out(again, cast.ben)


def test_it_is_signed_once_and_in_time(cast, revision, monkeypatch):
    sign_for(cast.ada, revision)
    with pytest.raises(WrongStateError):
        sign_for(cast.ada, revision)
    other = revise(
        ApprovalRequest.objects.latest("pk").pk,
        edited(ApprovalRequest.objects.latest("pk"), cast.ada.actor, "3c" * 20),
        "Another.",
        actor=cast.ada.actor,
    )
    shift(monkeypatch, minutes=31)
    with pytest.raises(WrongStateError):
        sign_for(cast.ada, other)


def test_what_nobody_edited_has_no_author_to_sign(cast, revision):
    with pytest.raises(NotFoundError):
        cast.ada.act("author-change", f"change:{revision.revises.change_id}")


def test_without_the_act_the_plan_cannot_be_approved_whoever_opens_it(cast, revision):
    from approvals.services.revise import open_revision

    request = open_revision(revision, actor=cast.ada.actor)
    decide(request, cast.cleo)

    verdict = judge(request)
    assert verdict.state is State.PENDING
    assert any("under what they proposed" in slot for slot in verdict.slots)
