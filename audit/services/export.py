"""Carry the ledger, or the part of it about one subject, to somebody who trusts nobody here."""

from functools import partial

from django.db import transaction

from audit import keystore, ledger
from audit.gathering import gather
from audit.models import Entry
from audit.permissions import grants
from audit.selectors import latest_checkpoint
from audit.services.sequence import sequence_all
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission
from proof import bundle
from proof.signatures import sign_detached


def export(*, actor: Actor, subject: str = "", with_facts: bool = True) -> bytes:
    """Make a bundle that `python -m proof` checks without us; that it was made is the last entry in it.

    Args:
        actor: who carries it away.
        subject: such as `incident:42`: a selection with proofs of inclusion; empty: everything.
        with_facts: whether the particulars go along, which may hold names and words of people.

    Raises:
        NotPermittedError: The actor is neither a manager nor an admin.
        NotFoundError: Nothing was ever recorded about the subject.
        WrongStateError: There is no key registry yet by which anybody could check it.
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
    head = latest_checkpoint()
    if head is None:
        detail = "No head of the tree was signed yet. Try again in a moment."
        raise WrongStateError(detail)
    return bundle.pack(
        gather(head, subject=subject, with_facts=with_facts), partial(sign_detached, keystore.private("log"))
    )


def _require_something(subject: str) -> None:
    if subject and not Entry.objects.filter(mentions__subject=subject).exists():
        detail = f"Nothing was ever recorded about {subject}. Write it like incident:42."
        raise NotFoundError(detail, subject=subject)
    if not Entry.objects.filter(verb="registry.published").exists():
        detail = "There is no key registry yet, so nobody could check the bundle. Run ./manage.py prepare first."
        raise WrongStateError(detail)
