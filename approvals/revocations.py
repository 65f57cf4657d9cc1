"""Revocations that stand in the ledger, whether or not the registry says so yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.models import SignedAct
from audit import ledger
from audit.models import Entry
from core import clock
from proof.documents import REVOKE_KEY, parse_act

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A key's end.

    Attributes:
        index: the place of the act's entry in the ledger; -1 while it has none.
        since: from which entry on the key was not its owner's alone; -1 if none is named.
    """

    key_id: str
    index: int
    since: int
    at: datetime


def recorded(key_ids: list[str] | None = None) -> dict[str, Revocation]:
    """The first revocation of each key, read from the signed acts themselves."""
    rows = SignedAct.objects.filter(kind=REVOKE_KEY).order_by("recorded_at")
    if key_ids is not None:
        rows = rows.filter(subject__in=[f"key:{key_id}" for key_id in key_ids])
    found: dict[str, Revocation] = {}
    acts = list(rows)
    seqs = dict(Entry.objects.filter(uid__in=[row.entry_uid for row in acts]).values_list("uid", "leaf__seq"))
    for row in acts:
        act = parse_act(ledger.fetch(row.statement_sha256))
        key_id, seq = act.subject.removeprefix("key:"), seqs.get(row.entry_uid)
        since = act.value("compromised_since")
        if key_id not in found:
            found[key_id] = Revocation(
                key_id=key_id,
                index=-1 if seq is None else seq,
                since=int(since) if since else -1,
                at=row.recorded_at,
            )
    return found


def is_revoked(key_id: str) -> bool:
    """Whether the ledger holds a signed revocation of a key."""
    return SignedAct.objects.filter(kind=REVOKE_KEY, subject=f"key:{key_id}").exists()


def carry(document: Document) -> None:
    """Let a registry document say what was revoked since, with its place in the ledger as far as it has one."""
    ends = recorded()
    for person in document["persons"]:
        for key in person["keys"]:
            end = ends.get(key["key_id"])
            if end is None or key["revoked_index"] >= 0:
                continue
            key["revoked_at"] = key["revoked_at"] or clock.rfc3339(end.at)
            key["revoked_index"] = end.index
            key["compromised_since"] = end.since
