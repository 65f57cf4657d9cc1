"""Signed statements and acts as the ledger names them, with their places in it."""

from collections.abc import Sequence

from django.db.models import QuerySet

from audit import ledger
from audit.models import Entry
from proof.documents import parse_entry
from proof.records import UNPLACED, Record

ACT = "act.recorded"
DECIDED: Sequence[str] = ("decision.recorded", "override.used")


def acts() -> list[Record]:
    """All acts that may bear on a quorum."""
    return placed(Entry.objects.filter(verb=ACT))


def placed(entries: QuerySet[Entry]) -> list[Record]:
    """The sidecars of some entries, in the order of the ledger."""
    return [Record(seq, ledger.fetch(digest)) for seq, digest in sidecars(entries)]


def sidecars(entries: QuerySet[Entry]) -> list[tuple[int, str]]:
    """Place and digest of the sidecar of each entry; those that the sequencer has not seen yet come last."""
    rows = entries.order_by("leaf__seq", "pk").values_list("leaf__seq", "body")
    found = [(_place(seq), dict(parse_entry(bytes(body)).documents).get("sidecar", "")) for seq, body in rows]
    signed = [(seq, digest) for seq, digest in found if digest]
    return sorted(signed, key=lambda one: one[0] == UNPLACED)


def _place(seq: int | None) -> int:
    """Where an entry stands; those that the sequencer has not seen yet stand nowhere."""
    return UNPLACED if seq is None else seq
