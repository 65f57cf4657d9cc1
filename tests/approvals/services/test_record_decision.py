"""Decisions: record_decision takes what was handed out, signed by the person's own key, once."""

import json
from datetime import timedelta

import pytest

from approvals import registry, statements
from approvals.models import ApprovalRequest, Decision, PersonKey
from approvals.services.issue_template import issue_template
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from approvals.settling import records_of
from audit import ledger
from audit.models import Entry
from core import clock
from core.actors import PLANNER
from core.errors import BadInputError, RefusedError
from proof import canonical
from proof.render import render
from tests.approvals.cast import Cast
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast: Cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def test_one_signature_grants_a_high_change(cast, request_):
    decision = decide(request_, cast.ben)

    assert state_of(request_) == "GRANTED"
    assert (decision.verdict, decision.person_id) == ("approve", cast.ben.person.pk)
    assert PersonKey.objects.get(pk=cast.ben.key.key_id).last_used_at is not None


def test_the_template_binds_change_person_policy_registry_and_what_was_shown(cast, request_):
    statement = statements.read(bytes(handed_out(request_, cast.ben).statement))

    assert statement.change_sha256 == request_.change_id
    assert statement.render_sha256 == canonical.sha256(render(ledger.fetch(request_.change_id)).encode())
    assert (statement.tier_seen, statement.person_id) == ("HIGH", cast.ben.person.pk)
    assert statement.registry_version == registry.current().version
    assert statement.audience == "executor:lab"
    assert (clock.from_rfc3339(statement.expires_at) - clock.from_rfc3339(statement.issued_at)) <= timedelta(minutes=5)


def test_a_rejection_ends_it_with_its_reason(cast, request_):
    decide(request_, cast.cleo, "reject", "The commit is not the cause.")

    assert state_of(request_) == "REJECTED"
    entry = Entry.objects.get(verb="decision.recorded")
    assert b"The commit is not the cause" in bytes(entry.facts)
    assert b"The commit is not the cause" not in bytes(entry.body)
    assert b"The commit is not the cause" not in records_of(request_.change_id)[0].data


def test_a_rejection_needs_a_reason(cast, request_):
    with pytest.raises(BadInputError, match="why"):
        decide(request_, cast.cleo, "reject")

    assert state_of(request_) == "PENDING"
    assert not Decision.objects.exists()


def test_somebody_may_still_say_no_after_it_was_granted(cast, request_):
    decide(request_, cast.ben)

    decide(request_, cast.cleo, "reject", "Wait, payments is being migrated.")

    assert state_of(request_) == "REJECTED"


def test_an_abstention_counts_for_nothing(cast, request_):
    decide(request_, cast.ben, "abstain")

    assert state_of(request_) == "PENDING"


def test_the_comment_must_be_the_one_that_was_signed(cast, request_):
    template = handed_out(request_, cast.cleo, "reject")
    signed = statements.filled_in(
        bytes(template.statement),
        viewed_ms=1,
        sections_seen=[],
        comment_commitment=statements.commitment(bytes(template.comment_salt), "No."),
    )

    with pytest.raises(RefusedError, match="comment"):
        record_decision(request_.pk, cast.cleo.sign(signed), "Yes!", actor=cast.cleo.actor)


def test_the_server_may_put_the_commitment_in_for_the_signer(cast, request_):
    template = issue_template(request_.pk, "reject", cast.ben.key.key_id, actor=cast.ben.actor, comment="Not now.")

    record_decision(request_.pk, cast.ben.sign(bytes(template.statement)), "Not now.", actor=cast.ben.actor)

    assert state_of(request_) == "REJECTED"


def test_a_rejected_plan_carries_the_no_into_whatever_looks_like_it(cast, request_):
    no = decide(request_, cast.cleo, "reject", "Not the cause.")

    again = propose(rollback(intent="revert commit 1a2b3c4 in lab, by night"), actor=PLANNER)

    document = json.loads(ledger.fetch(again.change_id))
    assert document["prior_denials"] == [no.statement_sha256]


def test_exactly_what_was_rejected_cannot_be_asked_again(cast, request_):
    decide(request_, cast.cleo, "reject", "Not the cause.")

    with pytest.raises(RefusedError, match="rejected for the same incident"):
        propose(rollback(confidence=0.99, evidence=[]), actor=PLANNER)
    with pytest.raises(RefusedError, match="rejected for the same incident"):
        propose(rollback(revises=request_.change_id), actor=PLANNER)


def test_a_rejection_taken_out_of_the_rows_still_keeps_the_plan_from_being_asked_again(cast, request_):
    decide(request_, cast.cleo, "reject", "Not the cause.")
    Decision.objects.all().delete()
    ApprovalRequest.objects.filter(pk=request_.pk).update(state="VOIDED")

    with pytest.raises(RefusedError, match="rejected for the same incident"):
        propose(rollback(), actor=PLANNER)


def test_a_comment_in_decomposed_characters_is_taken_as_it_was_signed(cast, request_):
    decision = decide(request_, cast.cleo, "reject", " Cafe\u0301 first. ")

    assert decision.comment == " Cafe\u0301 first. "
    assert state_of(request_) == "REJECTED"
