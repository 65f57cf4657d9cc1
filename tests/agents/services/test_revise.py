"""A person edits a plan within the catalogue and the safeguards (service `revise`); the agents take it up."""

from datetime import timedelta

import pytest

from agents.models import Remediation
from agents.services.revise import revise
from approvals.models import ApprovalRequest
from approvals.services.propose import propose
from audit import ledger
from core import clock
from core.actors import PLANNER
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError
from proof.documents import parse_change
from tests.agents.world import fire
from tests.approvals.decisions import decide
from tests.approvals.plans import restart
from tests.approvals.services.test_author_change import sign_for


@pytest.fixture
def waiting(world, work):
    world.break_config()
    fire("payments")
    return work()


def request_of(remediation) -> ApprovalRequest:
    return ApprovalRequest.objects.select_related("change").get(
        pk=Remediation.objects.get(pk=remediation.pk).request_id
    )


def test_an_edited_plan_is_signed_by_its_author_adopted_approved_by_another_and_run(world, work, cast, waiting):
    old, later = request_of(waiting), clock.now() + timedelta(seconds=90)
    first = parse_change(ledger.fetch(old.change_id))
    revision = revise(old.pk, [], "Not at peak.", actor=cast.ada.actor, window=(later, later + timedelta(hours=1)))
    assert revision.signature_needed

    sign_for(cast.ada, revision)
    adopted = work("AWAITING_APPROVAL")
    new = request_of(adopted)
    assert (new.change_id, new.state) == (revision.change_id, "PENDING")
    assert parse_change(ledger.fetch(new.change_id)).steps[0].params == first.steps[0].params

    decide(new, cast.cleo)
    ended = work()
    assert ended.state == "COMPLETED"
    assert clock.now() >= later
    assert world.config() == {"timeout_ms": 800}


def test_a_granted_change_waits_for_its_window_and_may_be_taken_back_meanwhile(world, work, cast, waiting):
    old, later = request_of(waiting), clock.now() + timedelta(hours=2)
    revision = revise(old.pk, [], "By night.", actor=cast.ada.actor, window=(later, None))
    sign_for(cast.ada, revision)
    new = request_of(work("AWAITING_APPROVAL"))
    decide(new, cast.cleo)

    watched = work("AWAITING_APPROVAL", patience=False)

    assert watched.state == "AWAITING_APPROVAL"
    decide(new, cast.cleo, "revoke")
    assert request_of(watched).state == "PENDING"


def test_only_what_the_catalogue_knows_can_be_edited(world, cast, waiting):
    request = request_of(waiting)
    for edit, words in (
        ((0, "commit", "; rm -rf /"), "it must be a full commit id"),
        ((0, "force", "yes"), "has no parameter"),
        ((7, "commit", "ab" * 20), "There is no step 8"),
    ):
        with pytest.raises(BadInputError, match=words):
            revise(request.pk, [edit], "Because.", actor=cast.ada.actor)
    with pytest.raises(BadInputError, match="Nothing was changed"):
        revise(request.pk, [], "Because.", actor=cast.ada.actor)
    with pytest.raises(NotFoundError):
        revise(999, [(0, "commit", "ab" * 20)], "Because.", actor=cast.ada.actor)


def test_an_edit_that_a_target_refuses_asks_nobody(world, cast, waiting):
    with pytest.raises(RefusedError, match="dry run of the edited plan failed"):
        revise(request_of(waiting).pk, [(0, "commit", "ab" * 20)], "That one.", actor=cast.ada.actor)


def test_only_operators_edit(world, cast, waiting):
    with pytest.raises(NotPermittedError):
        revise(request_of(waiting).pk, [(0, "branch", "main")], "Because.", actor=cast.cleo.actor)


def test_what_the_account_may_not_do_is_never_asked_of_people(world, work, cast):
    world.methods.remove("marks.restart")
    world.leak()
    fire("checkout")

    ended = work()

    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "could not do this, so nobody was asked" in ended.note
    assert not ApprovalRequest.objects.exists()


def test_a_draft_whose_check_failed_is_refused(cast):
    check = {"target": "lab/checkout", "possible": False, "sentence": "supervisor does not let us."}

    with pytest.raises(RefusedError, match="supervisor does not let us"):
        propose(restart(checks=[check]), actor=PLANNER)
