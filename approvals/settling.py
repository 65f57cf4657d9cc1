"""Judge a request from its signed statements alone, and move it where the verdict says."""

from approvals import bundles, registry
from approvals.models import ApprovalRequest, Decision
from approvals.requests import record
from audit import ledger
from audit.models import Entry
from core import clock
from core.actors import Actor
from core.errors import RefusedError
from proof.documents import DocumentError, parse_change, parse_entry, parse_statement
from proof.quorum import State, Verdict, evaluate
from proof.signatures import SignatureError, read_sidecar

MOST_DECISIONS = 64


def sidecars_of(change_digest: str) -> list[bytes]:
    """All signed statements about a change, in the order in which they were recorded.

    A rejection that only the ledger still knows, because somebody took its row away, is among them.
    """
    rows = Decision.objects.filter(change_digest=change_digest).order_by("decided_at", "pk")
    found = [ledger.fetch(sha256) for sha256 in rows.values_list("sidecar_sha256", flat=True)]
    return [*found, *(denial for denial in _denials_in_ledger(change_digest) if denial not in found)]


def _denials_in_ledger(change_digest: str) -> list[bytes]:
    entries = Entry.objects.filter(mentions__subject=f"change:{change_digest}", verb="decision.recorded").order_by("pk")
    recorded = [dict(parse_entry(bytes(body)).documents) for body in entries.values_list("body", flat=True)]
    sidecars = [ledger.fetch(documents["sidecar"]) for documents in recorded if "sidecar" in documents]
    return [sidecar for sidecar in sidecars if _denies(sidecar)]


def _denies(sidecar: bytes) -> bool:
    try:
        return parse_statement(read_sidecar(sidecar).payload).decision == "reject"
    except (SignatureError, DocumentError):
        return False


def judge(request: ApprovalRequest) -> Verdict:
    """What the signed statements come to now; rows decide nothing.

    Raises:
        RefusedError: No signature could make the change run; the sentence says why.
    """
    change_bytes = ledger.fetch(request.change_id)
    verdict = evaluate(
        change_bytes,
        sidecars_of(request.change_id),
        registry.current(),
        bundles.in_force().content,
        now=clock.now(),
        audience=parse_change(change_bytes).audience,
    )
    if verdict.state is State.INVALID:
        detail = f"This change cannot be approved: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
    return verdict


def settle(request: ApprovalRequest, verdict: Verdict, *, actor: Actor) -> None:
    """Grant or reject a locked request as its verdict says, and write that down."""
    if verdict.state is State.GRANTED and request.is_pending:
        request.grant()
        verb = "request.granted"
    elif verdict.state is State.REJECTED:
        request.reject()
        verb = "request.rejected"
    else:
        return
    request.settled_at = clock.now()
    request.save(update_fields=["state", "settled_at"])

    counted = sorted({person or "policy" for person, _, _ in verdict.counted})
    facts = {"needed": verdict.needed, "have": verdict.have, "by": counted, "route": request.route}
    record(request, verb, actor=actor, facts=facts)
