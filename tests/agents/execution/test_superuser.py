"""A superuser's SQL on a live PostgreSQL: whatever row is edited, the executor does what was signed, or nothing.

The triggers are switched off first, as a superuser can. What fsck and witnesses find of the same is tried in
tests/audit.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from agents.execution.follower import LogError, follow
from approvals import statements
from approvals.models import Decision
from approvals.statements import Occasion, Signer
from audit import ledger
from audit.services.sequence import sequence_all
from core import clock
from core.actors import SYSTEM
from people.models import Person
from proof.documents import parse_change
from tests.agents.execution.refusal import assert_refused, force
from tests.agents.test_loop import sign

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a superuser's SQL is tried on PostgreSQL"),
]
BYTES = "convert_to(replace(convert_from({column}, 'UTF8'), %s, %s), 'UTF8')"


def sql(statement, *values):
    """One statement with every trigger off, guards that fire always included."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("audit_document", "audit_entry", "audit_leaf", "audit_checkpoint", "audit_mention"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        changed = cursor.rowcount
        for table in ("audit_document", "audit_entry", "audit_leaf", "audit_checkpoint", "audit_mention"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    assert changed, "the attack changed nothing"


def rewrite(table, column, old, new, where, *values):
    sql(f"UPDATE {table} SET {column} = {BYTES.format(column=column)} WHERE {where}", old, new, *values)


def document_of(verb, name):
    """Digest of a document that the newest entry of a verb names."""
    from audit.models import Entry
    from proof.documents import parse_entry

    entry = Entry.objects.filter(verb=verb).latest("pk")
    return dict(parse_entry(bytes(entry.body)).documents)[name]


# --- bytes -----------------------------------------------------------------------------------------------------------
def test_the_change(granted, world, work):
    rewrite("audit_document", "content", "lab/payments", "lab/checkout", "sha256 = %s", granted.change_digest)

    assert_refused(world, work(), "cannot be read as it was signed")


def test_the_decision(granted, world, work):
    digest = Decision.objects.get().sidecar_sha256
    rewrite("audit_document", "content", "SSH SIGNATURE", "SSH SIGNATUR3", "sha256 = %s", digest)

    assert_refused(world, work(), "names a sidecar that nobody shows")


def test_the_policy(granted, world, work):
    digest = document_of("policy.activated", "policy")
    rewrite("audit_document", "content", '"tier":"HIGH"', '"tier":"LOW"', "sha256 = %s", digest)

    assert_refused(world, work(), "names a policy that nobody shows")


def test_the_policy_after_the_executor_has_read_it(granted, world, work):
    sequence_all()
    follow()
    digest = document_of("policy.activated", "policy")
    rewrite("audit_document", "content", '"tier":"HIGH"', '"tier":"LOW"', "sha256 = %s", digest)

    assert work("VALIDATING").state == "VALIDATING"
    assert world.config() == {"timeout_ms": 800}


def test_the_registry(granted, world, work):
    digest = document_of("registry.published", "registry")
    rewrite("audit_document", "content", '"operator"', '"approver"', "sha256 = %s", digest)

    assert_refused(world, work(), "names a registry that nobody shows")


# --- rows ------------------------------------------------------------------------------------------------------------
def test_rows_of_decisions_requests_keys_policies_and_registries_change_nothing(granted, world, work, cast):
    sql("UPDATE approvals_decision SET verdict = 'reject', person_id = %s", cast.mallory.person.pk)
    sql("UPDATE approvals_personkey SET person_id = %s, revoked_at = now()", cast.mallory.person.pk)
    sql("UPDATE approvals_policyversion SET version = version + 100")
    sql("UPDATE approvals_registryversion SET sha256 = repeat('ab', 32)")
    force(granted)

    assert work("VALIDATING").state == "VALIDATING"
    assert world.config() == {"timeout_ms": 800}


def test_rows_that_grant_what_nobody_signed(waiting, world, work):
    sql("UPDATE approvals_approvalrequest SET state = 'GRANTED', needed = 0, route = 'auto'")
    sql("UPDATE agents_remediation SET state = 'EXECUTING', due_at = now()")

    assert_refused(world, work(), "signatures do not allow it (PENDING)")


def test_every_service_and_topology_row_lowered_and_the_policy_made_to_sign(waiting, world, work, monkeypatch):
    """H1: the floor is read from the steps and the signed limits, so the automatic signature counts for nothing."""
    from approvals import policy_signer
    from approvals.models import ApprovalRequest
    from approvals.services.decide_automatically import _question, _record

    sql("UPDATE incidents_service SET criticality = 'normal', stateless = TRUE, factors = '{}'::jsonb")
    sql("DELETE FROM incidents_dependency")
    sql("UPDATE approvals_approvalrequest SET needed = 0, route = 'auto'")
    request = ApprovalRequest.objects.get()
    monkeypatch.setattr(policy_signer, "_ruled_again", lambda *_: policy_signer.outcome(request.ruling))
    monkeypatch.setattr(policy_signer, "_require_scope", lambda *_: None)
    sql("UPDATE approvals_approvalrequest SET ruling = jsonb_set(ruling, '{outcome,route}', '\"auto\"')")
    request.refresh_from_db()
    with transaction.atomic():
        _record(request, policy_signer.sign(_question(request, "")), None)
    sql("UPDATE approvals_approvalrequest SET state = 'GRANTED'")
    sql("UPDATE agents_remediation SET state = 'EXECUTING', due_at = now()")

    assert_refused(world, work(), "Policy may not decide this alone")


def test_membership(waiting, world, work, cast):
    """Mallory becomes an approver in every row; she signs with her own key, and it is written where decisions stand."""
    person = Person.objects.get(pk=cast.mallory.person.pk)
    sql("INSERT INTO people_rolegrant (person_id, role, scope, source) VALUES (%s, 'approver', '', '')", person.pk)
    sql("UPDATE people_person SET same_as_id = NULL, team = 'payments'")
    content = ledger.fetch(waiting.change_digest)
    now = clock.now()
    occasion = Occasion(
        content=content,
        change=parse_change(content),
        request=waiting.request_id,
        nonce="0" * 32,
        registry_version=1,
        issued_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    signer = Signer(person_id=person.pk, key_id=cast.mallory.key.key_id)
    statement = statements.for_a_person(occasion, signer, decision="approve")
    sidecar = ledger.keep("application/json", cast.mallory.sign(statement))
    with transaction.atomic():
        ledger.append(
            actor=SYSTEM,
            verb="decision.recorded",
            subject=f"request:{waiting.request_id}",
            about=[f"change:{waiting.change_digest}"],
            documents={"change": waiting.change_digest, "sidecar": sidecar},
        )
    sql("UPDATE approvals_approvalrequest SET state = 'GRANTED'")
    sql("UPDATE agents_remediation SET state = 'EXECUTING', due_at = now()")

    assert_refused(world, work(), "is not an approver")


# --- the log ---------------------------------------------------------------------------------------------------------
def test_an_entry(granted, world, work, cast):
    sign(granted.request_id, cast.cleo, "reject", "no")
    sequence_all()
    rewrite(
        "audit_entry", "body", "decision.recorded", "decision.forgotten",
        "verb = 'decision.recorded' AND actor = %s", cast.cleo.actor.id,
    )  # fmt: skip

    assert_refused(world, work(), "do not have the root that was signed")


def test_an_entry_with_leaf_hash_and_document(granted, world, work, cast):
    """Everything that belongs to the denial is removed, and the rows after it are moved up."""
    sign(granted.request_id, cast.cleo, "reject", "no")
    sequence_all()
    denial = "(SELECT id FROM audit_entry WHERE verb = 'decision.recorded' AND actor = %s)"
    sql(f"DELETE FROM audit_mention WHERE entry_id IN {denial}", cast.cleo.actor.id)
    sql(f"DELETE FROM audit_leaf WHERE entry_id IN {denial}", cast.cleo.actor.id)
    sql("DELETE FROM audit_entry WHERE verb = 'decision.recorded' AND actor = %s", cast.cleo.actor.id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_leaf DISABLE TRIGGER ALL")
        cursor.execute("SELECT max(seq) FROM audit_leaf")
        top = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM audit_leaf")
        gap = next(n for n in range(top + 1) if not _has(n))
        for seq in range(gap + 1, top + 1):
            cursor.execute("UPDATE audit_leaf SET seq = %s WHERE seq = %s", [seq - 1, seq])
        cursor.execute("ALTER TABLE audit_leaf ENABLE TRIGGER ALL")

    assert_refused(world, work(), "log")


def _has(seq):
    from audit.models import Leaf

    return Leaf.objects.filter(pk=seq).exists()


def test_a_signed_head(granted, world, work):
    sequence_all()
    sql("UPDATE audit_checkpoint SET note = replace(note, 'countersign/', 'countersigm/')")

    assert_refused(world, work(), "not signed by the log")


def test_yesterdays_log(granted, world, work):
    sequence_all()
    follow()
    sql("DELETE FROM audit_checkpoint WHERE size > 3")
    sql("DELETE FROM audit_leaf WHERE seq > 2")

    with pytest.raises(LogError, match="went back in time"):
        follow()
