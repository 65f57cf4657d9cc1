"""Record what happened, in the transaction that makes it true."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from audit import entries, keystore, signer, writing
from audit.models import Document, Entry
from core import clock, doorbell
from core.actors import Actor
from proof import canonical
from proof.documents import commitment


def append(
    *,
    actor: Actor | str,
    verb: str,
    subject: str,
    facts: Mapping[str, Any] | None = None,
    about: Iterable[str] = (),
    documents: Mapping[str, str] | None = None,
) -> Entry:
    """Write an entry; the sequencer gives it its place in the tree after the commit.

    Args:
        actor: who acts; the ledger keeps the id, never a name.
        verb: `<noun>.<past participle>`.
        subject: `<noun>:<id>`.
        facts: the particulars, JSON-ready without floats; kept beside the body, which only commits to them.
        about: other subjects on whose timeline the entry belongs, such as `incident:42`.
        documents: name to SHA-256 of kept documents.

    Raises:
        TransactionManagementError: Called outside a transaction: the entry could then survive without its deed.
        RollbackError: The record went back in time; nothing is written until it is restored.
        ValueError: A part is not of the form that the ledger takes, or a document is not kept.
    """
    require_open()
    part = entries.told(actor.id if isinstance(actor, Actor) else actor, verb, subject, about, documents or {})
    _require_kept({digest for _, digest in part.documents})

    entry = row_of(part, canonical.dumps(dict(facts or {})), keystore.installation()).entry()
    writing.write(entry, part.about, entries.priority_of(part.verb))
    doorbell.ring("audit.sequence", queue="interactive")  # pages are told when it has its place, a moment later
    return entry


def require_open() -> None:
    """Refuse to write outside a transaction, or to a record that went back in time.

    Raises:
        TransactionManagementError, RollbackError: As `append` does.
    """
    if not connection.in_atomic_block:
        detail = "ledger.append belongs inside transaction.atomic, with the change that it records."
        raise TransactionManagementError(detail)
    signer.refuse_if_stopped()


def row_of(part: entries.Told, facts: bytes, installation: str) -> writing.Row:
    """An entry that is not written yet, with its body, a new id and a new salt."""
    uid, at, salt = secrets.token_hex(16), clock.now(), secrets.token_bytes(entries.SALT_BYTES)
    told = commitment(salt, facts)
    body = entries.body_of(part, uid=uid, at=at, installation=installation, facts_commitment=told)
    return writing.Row(
        uid=uid,
        at=at,
        actor=part.actor,
        verb=part.verb,
        subject=part.subject,
        body=body,
        facts=facts,
        facts_salt=salt,
    )


def _require_kept(digests: set[str]) -> None:
    if digests and Document.objects.filter(pk__in=digests).count() != len(digests):
        detail = f"Not all of {sorted(digests)} are kept. Call ledger.keep first."
        raise ValueError(detail)
