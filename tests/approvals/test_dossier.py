"""The dossier is enough for somebody who believes nothing but bytes; what was tampered with stops there."""

import pytest
from django.db import connection

from approvals import registry
from approvals.dossier import dossier
from approvals.models import Decision
from approvals.services.activate_policy import activate_policy
from approvals.services.propose import propose
from approvals.services.publish_registry import publish_first
from approvals.services.revoke_key import revoke_key
from audit import keystore
from audit.errors import TamperedError
from audit.models import Document
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotFoundError
from proof import canonical
from proof.documents import parse_policy
from proof.quorum import State, evaluate
from proof.registry import parse_chain, verify_policy
from tests.approvals.decisions import decide
from tests.approvals.plans import restart, rollback

pytestmark = pytest.mark.django_db


def judged(digest: str, *, as_made: bool = False) -> State:
    """What a stranger with the root's public key finds."""
    found = dossier(digest, as_made=as_made)
    assert canonical.sha256(found.change_bytes) == digest
    root = keystore.public_pem("root")
    versions = parse_chain(found.registry_chain, root_public=root)
    made = parse_policy(found.policy_bytes).created_at
    verify_policy(found.policy_bytes, found.policy_signature, versions, created_at=made)
    verdict = evaluate(
        found.change_bytes, found.records, versions[-1], found.policy_bytes, now=clock.now(), audience="executor:lab"
    )
    return verdict.state


def test_an_automatic_and_a_signed_change_are_granted_by_bytes_alone(cast):
    automatic, signed = propose(restart(), actor=PLANNER), propose(rollback(), actor=PLANNER)
    assert judged(signed.change_id) == State.PENDING

    decide(signed, cast.ben)

    assert judged(automatic.change_id) == State.GRANTED
    assert judged(signed.change_id) == State.GRANTED


def test_a_no_is_in_it_even_when_its_row_is_gone(cast):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    decide(request, cast.cleo, "reject", "No.")
    Decision.objects.filter(verdict="reject").delete()

    assert judged(request.change_id) == State.REJECTED


def test_a_decision_row_that_was_taken_away_or_moved_grants_nothing(cast):
    first, second = propose(rollback(), actor=PLANNER), propose(rollback(incident="incident:43"), actor=PLANNER)
    decide(first, cast.ben)
    Decision.objects.update(change_digest=second.change_id, request=second)

    assert judged(first.change_id) == State.PENDING
    assert judged(second.change_id) == State.PENDING


def test_a_key_revoked_before_the_change_ran_counts_no_more(cast):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)

    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="stolen")

    assert judged(request.change_id) == State.PENDING


def test_under_a_newer_policy_the_change_may_not_run_but_can_still_be_told(cast):
    request = propose(restart(), actor=PLANNER)

    activate_policy("default", actor=SYSTEM)

    assert judged(request.change_id) == State.INVALID
    assert dossier(request.change_id, as_made=True).policy_bytes != dossier(request.change_id).policy_bytes


def test_bytes_that_were_changed_are_not_handed_out(cast):
    request = propose(rollback(), actor=PLANNER)
    document = Document.objects.get(pk=request.change_id)
    forged = bytes(document.content).replace(b"payments", b"checkout")
    with connection.cursor() as cursor:
        _guards_down(cursor)
        cursor.execute("UPDATE audit_document SET content = %s WHERE sha256 = %s", [forged, request.change_id])

    with pytest.raises(TamperedError):
        dossier(request.change_id)


def test_what_is_not_kept_is_not_found(cast):
    with pytest.raises(NotFoundError):
        dossier("ab" * 32)


def test_publish_registry_refuses_a_document_that_is_no_registry(cast):
    document = registry.read(registry.chain()[0][0])
    with pytest.raises(BadInputError, match="cannot be published"):
        publish_first({**document, "mode": "party"}, actor=SYSTEM, why="test")


def _guards_down(cursor) -> None:
    """As the owner of the database could."""
    from importlib import import_module

    for statement in import_module("audit.migrations.0002_guards").removals(connection.vendor):
        cursor.execute(statement)
