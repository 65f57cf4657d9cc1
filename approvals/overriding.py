"""Overrides as the ledger tells them: which were used, how far their review is, and who may override now."""

from collections.abc import Iterator
from dataclasses import dataclass

from approvals import bundles, registry
from approvals.ledgered import acts, placed
from approvals.models import ApprovalRequest
from audit import ledger
from audit.models import Entry
from core import clock
from proof.documents import Change, parse_change, parse_entry, parse_statement
from proof.keys import VERIFIED_CLASSES
from proof.overrides import Review, review_of
from proof.records import Record
from proof.registry_document import OVERRIDE_ROLE
from proof.signatures import read_sidecar

USED = "override.used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """An override that the ledger holds.

    Attributes:
        statement_sha256: of the signed override; `record` the same with its signature and its place.
        change_sha256: what it let run.
        review: how far others have looked at it.
    """

    statement_sha256: str
    change_sha256: str
    person_id: str
    issued_at: str
    record: Record
    review: Review


def used() -> list[Used]:
    """Every override ever used, oldest first, by the ledger alone: rows that are gone change nothing."""
    entries = Entry.objects.filter(verb=USED)
    records = placed(entries)
    if not records:
        return []
    all_records, current, now = [*records, *acts()], registry.current(), clock.now()
    found = []
    for entry, record in zip(entries.order_by("leaf__seq", "pk"), records, strict=True):
        digest = dict(parse_entry(bytes(entry.body)).documents)["statement"]
        statement = parse_statement(read_sidecar(record.data).payload)
        found.append(
            Used(
                statement_sha256=digest,
                change_sha256=statement.change_sha256,
                person_id=statement.person_id,
                issued_at=statement.issued_at,
                record=record,
                review=review_of(digest, all_records, current, now=now),
            )
        )
    return found


def open_digests() -> frozenset[str]:
    """The statements of the overrides that others have not reviewed yet."""
    return frozenset(one.statement_sha256 for one in used() if not one.review.closed)


def why_not(request: ApprovalRequest, person_id: str, key_class: str = "") -> str:
    """Why a person may not override here, as a sentence; empty if they may.

    Args:
        request: what they would take on themselves.
        person_id: who.
        key_class: of the key that they would sign with; empty where that is not known yet.
    """
    return next(_reasons(request, person_id, key_class), "")


def _reasons(request: ApprovalRequest, person_id: str, key_class: str) -> Iterator[str]:
    person = registry.current().person(person_id)
    if not bundles.in_force().policy.override.allowed:
        yield "The policy allows no overrides."
    if person is None or OVERRIDE_ROLE not in person.roles:
        yield "The signed registry does not give you the role override."
    if not request.is_pending:
        yield f"The request is {request.state.lower()}; there is nothing to override."
    if _is_interested(parse_change(ledger.fetch(request.change_id)), person_id):
        yield "You proposed or shaped this change, so you cannot override for it."
    if request.decisions.filter(verdict="reject").exists():
        yield "Somebody rejected it. An override never stands against a no."
    if open_digests():
        yield "Another override has not been reviewed yet; there is one at a time."
    if key_class and key_class not in {*VERIFIED_CLASSES, "ssh-sk"}:
        yield "An override takes a key that checks its user, by PIN or finger."


def _is_interested(change: Change, person_id: str) -> bool:
    return person_id in {*change.interested_persons, change.proposer_id}
