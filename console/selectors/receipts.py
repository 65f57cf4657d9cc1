"""The receipt of a signer: the record of their decision, and what proves that it is in the signed log."""

from typing import Any

from approvals.models import Decision
from audit import selectors as audit
from audit.models import Entry
from console.selectors import proofs
from people.models import Person


def of(request_id: int, person: Person) -> dict[str, Any]:
    """Where this person's newest decision stands: its record, and the proof as soon as there is one.

    The digest of the signature is told too, so that a browser that kept its own can hold them against each other.
    """
    made = Decision.objects.filter(request_id=request_id, person_id=person.pk).order_by("-decided_at").first()
    if made is None:
        return {"decision": "", "record": None, "head": None}
    entry = _entry(made)
    head = audit.latest_checkpoint()
    told = {"decision": made.verdict, "signature": made.sidecar_sha256, "record": None, "head": None}
    if entry is None or head is None or entry.leaf.seq >= head.size:
        return told
    return {**told, "record": proofs.record(entry.leaf.seq, head.size), "head": proofs.head()}


def seq_of(decision: Decision) -> int | None:
    """The number of a decision's record, once a signed head covers it."""
    entry, head = _entry(decision), audit.latest_checkpoint()
    return entry.leaf.seq if entry is not None and head is not None and entry.leaf.seq < head.size else None


def _entry(decision: Decision) -> Entry | None:
    """The record that names this very signature."""
    subject, actor = f"request:{decision.request_id}", f"person:{decision.person_id}"
    found = Entry.objects.filter(subject=subject, actor=actor, leaf__isnull=False).select_related("leaf")
    named = decision.sidecar_sha256.encode()
    return next((entry for entry in found.order_by("-leaf__seq")[:20] if named in bytes(entry.body)), None)
