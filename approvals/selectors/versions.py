"""The versions of a change, and what each changed."""

from dataclasses import dataclass
from datetime import datetime

from approvals.differences import Difference, changes_between
from approvals.models import ApprovalRequest, Change, Revision
from approvals.selectors.told import actor_names
from audit import ledger
from proof.documents import parse_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a change.

    Attributes:
        request_id, state: of the request for it; None and empty while its author has not signed it.
        by: who wrote it, as the ledger writes it; `why` in their words where a person did.
        differences: to the version before it; empty for the first.
    """

    version: int
    digest: str
    request_id: int | None
    state: str
    created_at: datetime
    by: str
    by_name: str
    why: str
    differences: tuple[Difference, ...]


def differences_of(old_digest: str, new_digest: str) -> list[Difference]:
    """What differs between two kept changes.

    Raises:
        NotFoundError: One of them is not kept here.
        TamperedError: Stored bytes do not have their digest any more.
    """
    return changes_between(ledger.fetch(old_digest), ledger.fetch(new_digest))


def revisions(request: ApprovalRequest) -> list[Version]:
    """All versions of a request's change, newest first, each with what it changed."""
    rows = list(Change.objects.filter(uid=request.change.uid).order_by("version", "created_at"))
    contents = {row.digest: ledger.fetch(row.digest) for row in rows}
    authors = {row.digest: _author(contents[row.digest]) for row in rows}
    whys = dict(Revision.objects.filter(change__in=rows).values_list("change_id", "why"))
    asked = {one.change_id: one for one in ApprovalRequest.objects.filter(change__in=rows).order_by("pk")}
    people = actor_names(authors.values())
    found = []
    for before, row in zip([None, *rows], rows, strict=False):
        one = asked.get(row.digest)
        found.append(
            Version(
                version=row.version,
                digest=row.digest,
                request_id=one.pk if one else None,
                state=str(one.state) if one else "",
                created_at=row.created_at,
                by=authors[row.digest],
                by_name=people[authors[row.digest]],
                why=whys.get(row.digest, ""),
                differences=tuple(changes_between(contents[before.digest], contents[row.digest])) if before else (),
            )
        )
    return found[::-1]


def successor_of(request: ApprovalRequest) -> ApprovalRequest | None:
    """The newest request about a later version of the same change, if there is one."""
    later = ApprovalRequest.objects.select_related("change").filter(
        change__uid=request.change.uid, change__version__gt=request.change.version
    )
    return later.order_by("-change__version", "-pk").first()


def _author(content: bytes) -> str:
    change = parse_change(content)
    return f"{change.proposer_kind}:{change.proposer_id}"
