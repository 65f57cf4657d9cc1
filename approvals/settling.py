"""Judge a request from its signed statements alone, and move it where the verdict says."""

from django.db.models import QuerySet

from approvals import bundles, registry
from approvals.models import ApprovalRequest, Decision, RequestState
from approvals.requests import record
from audit import ledger
from audit.errors import TamperedError
from audit.models import Entry
from core import clock
from core.actors import Actor
from core.errors import NotFoundError, RefusedError
from proof.documents import DocumentError, parse_change, parse_entry, parse_statement
from proof.quorum import State, Verdict, evaluate
from proof.records import UNPLACED, Record
from proof.signatures import SignatureError, read_sidecar

MOST_DECISIONS = 64


def records_of(change_digest: str) -> list[Record]:
    """All signed statements about a change and all acts, with their places in the ledger.

    The rows say which approvals there are. A rejection that only the ledger still knows, because somebody took its row
    away, is among them.
    """
    rows = Decision.objects.filter(change_digest=change_digest).order_by("decided_at", "pk")
    kept = list(rows.values_list("sidecar_sha256", flat=True))
    recorded = _recorded(change_digest)
    decisions = [digest for digest in recorded if digest in kept or _denies(ledger.fetch(digest))]
    lost = [Record(UNPLACED, ledger.fetch(digest)) for digest in kept if digest not in recorded]
    acts = _placed(Entry.objects.filter(verb="act.recorded"))
    return [*(Record(recorded[digest], ledger.fetch(digest)) for digest in decisions), *lost, *acts]


def _recorded(change_digest: str) -> dict[str, int]:
    """Digests of the sidecars about a change that the ledger names, in its order, with the place of the first."""
    entries = Entry.objects.filter(mentions__subject=f"change:{change_digest}", verb="decision.recorded")
    found: dict[str, int] = {}
    for seq, digest in _sidecars(entries):
        found.setdefault(digest, seq)
    return found


def _placed(entries: QuerySet[Entry]) -> list[Record]:
    return [Record(seq, ledger.fetch(digest)) for seq, digest in _sidecars(entries)]


def _sidecars(entries: QuerySet[Entry]) -> list[tuple[int, str]]:
    """Place and digest of the sidecar of each entry; those that the sequencer has not seen yet come last."""
    rows = entries.order_by("leaf__seq", "pk").values_list("leaf__seq", "body")
    found: list[tuple[int | None, str]] = [
        (seq, dict(parse_entry(bytes(body)).documents).get("sidecar", "")) for seq, body in rows
    ]
    placed = [(seq, digest) for seq, digest in found if digest and seq is not None]
    return [*placed, *((UNPLACED, digest) for seq, digest in found if digest and seq is None)]


def _denies(sidecar: bytes) -> bool:
    try:
        return parse_statement(read_sidecar(sidecar).payload).decision == "reject"
    except (SignatureError, DocumentError):
        return False


def known(digest: str) -> bytes | None:
    """A document that bears on a judgement, such as an older policy or a standing approval, if it is kept here."""
    try:
        return ledger.fetch(digest)
    except (NotFoundError, TamperedError):
        return None


def judge(request: ApprovalRequest) -> Verdict:
    """What the signed statements come to now; rows decide nothing.

    Raises:
        RefusedError: No signature could make the change run; the sentence says why.
    """
    change_bytes = ledger.fetch(request.change_id)
    verdict = evaluate(
        change_bytes,
        records_of(request.change_id),
        registry.current(),
        bundles.in_force().content,
        now=clock.now(),
        audience=parse_change(change_bytes).audience,
        find=known,
    )
    if verdict.state is State.INVALID:
        detail = f"This change cannot be approved: {' '.join(verdict.reasons)}"
        raise RefusedError(detail)
    return verdict


def settle(request: ApprovalRequest, verdict: Verdict, *, actor: Actor) -> None:
    """Grant, reject or reopen a locked request as its verdict says, and write that down."""
    if verdict.state is State.GRANTED and request.is_pending:
        request.grant()
        verb = "request.granted"
    elif verdict.state is State.REJECTED:
        request.reject()
        verb = "request.rejected"
    elif request.state == RequestState.GRANTED and verdict.state is not State.GRANTED:
        request.reopen()
        verb = "request.reopened"
    else:
        return
    request.settled_at = None if request.is_pending else clock.now()
    request.save(update_fields=["state", "settled_at"])

    counted = sorted({person or "policy" for person, _, _ in verdict.counted})
    facts = {"needed": verdict.needed, "have": verdict.have, "by": counted, "route": request.route}
    record(request, verb, actor=actor, facts=facts)
