"""Judge a request from its signed statements alone, and move it where the verdict says."""

from approvals import bundles, ledgered, overriding, registry
from approvals.models import ApprovalRequest, Decision, RequestState
from approvals.requests import record
from audit import ledger
from audit.errors import TamperedError
from audit.models import Entry
from core import clock
from core.actors import Actor
from core.errors import NotFoundError, RefusedError
from proof.documents import DocumentError, parse_change, parse_standing, parse_statement
from proof.quorum import State, Verdict, evaluate
from proof.records import UNPLACED, Record
from proof.signatures import SignatureError, read_sidecar

MOST_DECISIONS = 64


def records_of(change_digest: str) -> list[Record]:
    """All signed statements about a change and what it rests on, and all acts, with their places in the ledger.

    The rows say which approvals there are. A rejection that only the ledger still knows, because somebody took its row
    away, is among them.
    """
    rows = Decision.objects.filter(change_digest=change_digest).order_by("decided_at", "pk")
    kept = list(rows.values_list("sidecar_sha256", flat=True))
    recorded = _recorded(f"change:{change_digest}")
    decisions = [digest for digest in recorded if digest in kept or _denies(ledger.fetch(digest))]
    lost = [Record(UNPLACED, ledger.fetch(digest)) for digest in kept if digest not in recorded]
    own = [Record(recorded[digest], ledger.fetch(digest)) for digest in decisions]
    return [*own, *lost, *_of_standings([*own, *lost]), *ledgered.acts()]


def records_of_standing(uid: str) -> list[Record]:
    """All signed statements about a standing approval, with their places in the ledger."""
    return [Record(seq, ledger.fetch(digest)) for digest, seq in _recorded(f"standing:{uid}", by_people=True).items()]


def _of_standings(records: list[Record]) -> list[Record]:
    """The decisions about the standing approvals that automatic decisions rest on."""
    digests = dict.fromkeys(digest for record in records if (digest := _rests_on(record.data)))
    documents = [content for digest in digests if (content := known(digest)) is not None]
    return [record for content in documents for record in records_of_standing(parse_standing(content).id)]


def _rests_on(sidecar: bytes) -> str:
    try:
        return parse_statement(read_sidecar(sidecar).payload).standing
    except (SignatureError, DocumentError):
        return ""


def _recorded(subject: str, *, by_people: bool = False) -> dict[str, int]:
    """Digests of the sidecars about something that the ledger names, in its order, with the place of the first."""
    entries = Entry.objects.filter(mentions__subject=subject, verb__in=ledgered.DECIDED)
    if by_people:
        entries = entries.filter(actor__startswith="person:")
    found: dict[str, int] = {}
    for seq, digest in ledgered.sidecars(entries):
        found.setdefault(digest, seq)
    return found


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
        open_overrides=overriding.open_digests(),
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
