"""An edited plan is a new version; above MEDIUM nobody is asked before its author has signed it."""

import json
from dataclasses import replace

import pytest

from approvals.models import ApprovalRequest, Revision
from approvals.redrafting import draft_behind
from approvals.services.propose import propose
from approvals.services.revise import open_revision, revise
from audit import ledger
from core.actors import PLANNER, Actor
from core.errors import BadInputError, NotPermittedError, RefusedError, WrongStateError
from proof.documents import parse_change
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.plans import restart, rollback

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def edited(request: ApprovalRequest, author: Actor, commit: str = "2b" * 20):
    draft = draft_behind(ledger.fetch(request.change_id), request.ruling, {}, author=author)
    (first,) = draft.steps
    params = [
        {**param, "value": commit} if param["name"] in {"commit", "process"} else dict(param)
        for param in first["params"]
    ]
    return replace(draft, steps=[{**first, "params": params}])


def test_a_draft_made_from_a_change_says_the_same_with_fresh_keys(cast, request_):
    content = ledger.fetch(request_.change_id)
    draft = draft_behind(content, request_.ruling, {}, author=cast.ada.actor)

    was = json.loads(content)
    assert draft.steps[0]["params"] == was["steps"][0]["params"]
    assert draft.steps[0]["idempotency_key"] != was["steps"][0]["idempotency_key"]
    assert draft.proposer == {"kind": "person", "id": cast.ada.person.pk}


def test_above_medium_the_author_signs_before_anybody_is_asked(cast, request_):
    revision = revise(request_.pk, edited(request_, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)

    assert (revision.signature_needed, revision.opened_at) == (True, None)
    assert state_of(request_) == "PENDING"
    assert not ApprovalRequest.objects.filter(change=revision.change).exists()


def test_once_signed_it_is_asked_and_the_older_request_is_void(cast, request_):
    decide(request_, cast.ben, "abstain")
    revision = revise(request_.pk, edited(request_, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)

    request = open_revision(revision, actor=cast.ada.actor)

    assert (state_of(request_), request.state) == ("VOIDED", "PENDING")
    change = parse_change(ledger.fetch(request.change_id))
    assert (change.version, change.proposer_id) == (2, cast.ada.person.pk)
    assert cast.ada.person.pk in change.interested_persons


def test_an_approval_of_the_old_version_is_void_also_when_it_was_enough(cast, request_):
    revision = revise(request_.pk, edited(request_, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)
    decide(request_, cast.ben)
    assert state_of(request_) == "GRANTED"

    open_revision(revision, actor=cast.ada.actor)

    assert state_of(request_) == "VOIDED"


def test_the_author_of_an_edit_may_not_approve_it(cast, request_):
    revision = revise(request_.pk, edited(request_, cast.ben.actor), "Wrong commit.", actor=cast.ben.actor)
    request = open_revision(revision, actor=cast.ben.actor)

    with pytest.raises(RefusedError, match="proposed or shaped"):
        handed_out(request, cast.ben)


def test_what_was_edited_stays_edited_by_them_in_later_versions(cast, request_):
    revision = revise(request_.pk, edited(request_, cast.ben.actor), "Wrong commit.", actor=cast.ben.actor)
    second = open_revision(revision, actor=cast.ben.actor)
    third = propose(replace(rollback(intent="again"), revises=second.change_id), actor=PLANNER)

    assert cast.ben.person.pk in parse_change(ledger.fetch(third.change_id)).interested_persons


def test_up_to_medium_it_is_asked_at_once(cast):
    request = propose(restart(confidence=0.6), actor=PLANNER)

    revision = revise(request.pk, edited(request, cast.ada.actor, "checkout2"), "Typo.", actor=cast.ada.actor)

    assert not revision.signature_needed
    assert ApprovalRequest.objects.get(change=revision.change).state == "PENDING"
    assert state_of(request) == "VOIDED"


def test_a_revision_that_is_not_signed_in_time_asks_nobody(cast, request_, monkeypatch):
    revision = revise(request_.pk, edited(request_, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)
    shift(monkeypatch, minutes=31)

    with pytest.raises(WrongStateError, match="in time"):
        open_revision(revision, actor=cast.ada.actor)


def test_a_revision_is_opened_once(cast, request_):
    revision = revise(request_.pk, edited(request_, cast.ada.actor), "Wrong commit.", actor=cast.ada.actor)
    open_revision(revision, actor=cast.ada.actor)

    with pytest.raises(WrongStateError):
        open_revision(revision, actor=cast.ada.actor)


@pytest.mark.parametrize("who", ["cleo", "dan", "mallory"])
def test_only_operators_edit_plans(cast, request_, who):
    actor = getattr(cast, who).actor

    with pytest.raises(NotPermittedError):
        revise(request_.pk, edited(request_, actor), "Because.", actor=actor)
    assert not Revision.objects.exists()


def test_an_edit_needs_a_reason_and_an_open_request(cast, request_):
    with pytest.raises(BadInputError, match="few words"):
        revise(request_.pk, edited(request_, cast.ada.actor), " ", actor=cast.ada.actor)
    decide(request_, cast.cleo, "reject", "No.")
    with pytest.raises(WrongStateError):
        revise(request_.pk, edited(request_, cast.ada.actor), "Because.", actor=cast.ada.actor)


def test_editing_back_to_what_was_rejected_is_refused(cast, request_):
    decide(request_, cast.cleo, "reject", "No.")
    second = propose(rollback(intent="revert it by night"), actor=PLANNER)
    back = replace(edited(second, cast.ada.actor, "1a" * 20), intent=rollback().intent)

    with pytest.raises(RefusedError, match="rejected for the same incident"):
        revise(second.pk, back, "As before.", actor=cast.ada.actor)
