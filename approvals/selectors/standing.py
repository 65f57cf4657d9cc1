"""Standing approvals for pages: what may run without being asked again, how often it did, and why it ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals import standings as ledgered
from approvals.models import ApprovalRequest, StandingApproval
from approvals.selectors.told import Name, actor_names, listed, names_of
from audit import ledger
from core.errors import NotFoundError
from proof.documents import Allowed, parse_standing, parse_statement
from proof.render_standing import render_standing
from proof.signatures import read_sidecar
from proof.words import six_words


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingTold:
    """A standing approval.

    Attributes:
        name: as people call it, `SA-3`.
        params: what each parameter may be, as sentences.
        used, left: counted from the ledger.
        last_used_at: when a change last began under it.
        signers: who approved it.
        text: what is signed.
    """

    uid: str
    name: str
    digest: str
    words: tuple[str, ...]
    intent: str
    action: str
    targets: tuple[str, ...]
    params: tuple[str, ...]
    max_uses: int
    used: int
    left: int
    last_used_at: datetime | None
    per_hour: int
    cool_down_s: int
    not_before: str
    not_after: datetime
    state: str
    by: str
    by_name: str
    signers: tuple[Name, ...]
    needed: int
    have: int
    ended_at: datetime | None
    ended_why: str
    text: str
    sentence: str


def standings(state: str = "") -> list[StandingTold]:
    """All standing approvals, newest first, or those in one state."""
    rows = StandingApproval.objects.order_by("-pk")
    return _told(rows.filter(state=state) if state else rows)


def standing(uid: str) -> StandingTold:
    """One of them.

    Raises:
        NotFoundError: There is none.
    """
    found = _told(StandingApproval.objects.filter(uid=uid))
    if not found:
        detail = f"There is no standing approval {uid[:12]}."
        raise NotFoundError(detail)
    return found[0]


def standing_of(request: ApprovalRequest) -> StandingTold | None:
    """The one under which policy decided a request; None where it decided otherwise."""
    if request.rule != "standing":
        return None
    for sidecar in request.decisions.filter(person_id="").values_list("sidecar_sha256", flat=True):
        digest = parse_statement(read_sidecar(ledger.fetch(sidecar)).payload).standing
        row = StandingApproval.objects.filter(digest=digest).first() if digest else None
        if row is not None:
            return _told([row])[0]
    return None


def _told(rows: Iterable[StandingApproval]) -> list[StandingTold]:
    found = list(rows)
    actors = actor_names(row.requested_by for row in found)
    return [_one(row, actors[row.requested_by]) for row in found]


def _one(row: StandingApproval, by_name: str) -> StandingTold:
    content = ledgered.content_of(row)
    document, verdict = parse_standing(content), ledgered.verdict_of(row)
    begun = sorted(one.begun_at for one in ledgered.uses(row) if one.begun_at is not None)
    approved = row.decisions.filter(verdict="approve").order_by("decided_at").values_list("person_id", flat=True)
    signers = tuple(names_of(approved).values())
    who = listed(signer.name for signer in signers) or "nobody yet"
    return StandingTold(
        uid=row.uid,
        name=row.name,
        digest=row.digest,
        words=tuple(six_words(row.digest)),
        intent=row.intent,
        action=document.action,
        targets=document.targets,
        params=tuple(_param(item) for item in document.params),
        max_uses=document.max_uses,
        used=len(begun),
        left=max(0, document.max_uses - len(begun)),
        last_used_at=begun[-1] if begun else None,
        per_hour=document.per_hour,
        cool_down_s=document.cool_down_s,
        not_before=document.not_before,
        not_after=row.not_after,
        state=str(row.state),
        by=row.requested_by,
        by_name=by_name,
        signers=signers,
        needed=verdict.needed,
        have=verdict.have,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
        text=render_standing(content),
        sentence=f"Ran under {row.name} of {who}, {len(begun)} of {document.max_uses}.",
    )


def _param(item: Allowed) -> str:
    if item.const is not None:
        return f"{item.name} is {item.const}"
    return f"{item.name} from {item.low} to {item.high}"
