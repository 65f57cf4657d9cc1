"""Carry the ledger, or the part of it about one subject, to somebody who trusts nobody here."""

import io
from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

from django.db import transaction

from audit import keystore, ledger
from audit.gathering import gather
from audit.models import Entry
from audit.permissions import grants
from audit.selectors import cosigned_head
from audit.services.cosign import cosign
from audit.services.sequence import sequence_all
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission
from proof import bundle
from proof.signatures import sign_detached


def export(*, actor: Actor, subject: str = "", with_facts: bool = True) -> bytes:
    """As `export_to`, for a bundle that fits into memory."""
    out = io.BytesIO()
    export_to(out, actor=actor, subject=subject, with_facts=with_facts)
    return out.getvalue()


def export_to(
    out: BinaryIO, *, actor: Actor, subject: str = "", with_facts: bool = True, through: Sequence[int] = ()
) -> None:
    """Write a bundle that `python -m proof` checks without us; that it was made is the last entry in it.

    Args:
        out: where to.
        actor: who carries it away.
        subject: such as `incident:42`: a selection with proofs of inclusion; empty: everything.
        with_facts: whether the particulars go along, which may hold names and words of people.
        through: sizes of heads that somebody has from elsewhere, for a selection to lead on from.

    Raises:
        NotPermittedError: The actor is neither a manager nor an admin.
        NotFoundError: Nothing was ever recorded about the subject.
        WrongStateError: There is no key registry yet by which anybody could check it.
        BadInputError: There is no head of a size to lead on from.
        RollbackError: The record went back in time.
    """
    grants.require(Permission.AUDIT_EXPORT, actor)
    _require_something(subject)
    with transaction.atomic():
        ledger.append(
            actor=actor,
            verb="audit.exported",
            subject=subject or "audit:all",
            facts={"subject": subject, "kind": "selected" if subject else "complete", "with_facts": with_facts},
        )
    sequence_all()
    cosign()
    head = cosigned_head()
    if head is None:
        detail = "No head of the tree was signed yet. Try again in a moment."
        raise WrongStateError(detail)
    contents = gather(head, subject=subject, with_facts=with_facts, through=through)
    bundle.pack_to(out, contents, partial(sign_detached, keystore.private("log")))


def _require_something(subject: str) -> None:
    if subject and not Entry.objects.filter(mentions__subject=subject).exists():
        detail = f"Nothing was ever recorded about {subject}. Write it like incident:42."
        raise NotFoundError(detail, subject=subject)
    if not Entry.objects.filter(verb="registry.published").exists():
        detail = "There is no key registry yet, so nobody could check the bundle. Run ./manage.py prepare first."
        raise WrongStateError(detail)
