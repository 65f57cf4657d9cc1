"""Reads of the ledger: a subject's timeline, the list of records, the newest signed head."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler

from audit.condition import Lag, Verified, alarms, lag, verified
from audit.models import Checkpoint, Cosignature, Entry, Leaf
from proof import canonical

__all__ = [
    "Lag",
    "Record",
    "SignedHead",
    "TextOf",
    "TimelineLine",
    "Verified",
    "alarms",
    "assurance",
    "cosigned_head",
    "count",
    "facts_of",
    "lag",
    "latest_checkpoint",
    "leaf_hashes",
    "record_of",
    "records",
    "timeline",
    "verified",
    "with_cosignatures",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """One line of a timeline. People are ids here; pages look their names up.

    Attributes:
        seq: the place in the tree, or None while it has none yet.
    """

    at: datetime
    actor: str
    verb: str
    subject: str
    facts: dict[str, Any]  # JSON
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the audit list.

    Attributes:
        state: `pending` (no place yet), `placed` (in the tree), `sealed` (under a signed checkpoint).
        leaf_hash: hex, empty while pending.
    """

    seq: int | None
    at: datetime
    actor: str
    verb: str
    subject: str
    state: str
    leaf_hash: str
    facts: dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A checkpoint: so many records, this root, this signed note."""

    size: int
    root: str
    note: str
    created_at: datetime


class TextOf(Func):
    """UTF-8 bytes as text, on both databases."""

    template = "CAST(%(expressions)s AS TEXT)"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ANN401 -- Django's signature
        """PostgreSQL wants to know the encoding."""
        return self.as_sql(compiler, connection, template="convert_from(%(expressions)s, 'UTF8')", **extra)


def facts_of(entry: Entry) -> dict[str, Any]:
    """The particulars of an entry, read; empty when they were erased."""
    if not entry.facts:
        return {}
    return cast("dict[str, Any]", canonical.loads(bytes(entry.facts)))


def timeline(subject: str, *, limit: int = 200) -> list[TimelineLine]:
    """The newest `limit` entries about a subject, oldest first."""
    found = Entry.objects.filter(mentions__subject=subject).select_related("leaf").order_by("-mentions__entry_id")
    return [
        TimelineLine(
            at=entry.at,
            actor=entry.actor,
            verb=entry.verb,
            subject=entry.subject,
            facts=facts_of(entry),
            seq=entry.leaf.seq if hasattr(entry, "leaf") else None,
        )
        for entry in reversed(found[:limit])
    ]


def records(
    *, before_seq: int | None = None, subject: str = "", kind: str = "", text: str = "", limit: int = 50
) -> list[Record]:
    """The audit list, newest first: entries that wait for their place, then the tree below `before_seq`.

    Args:
        before_seq: where the page before ended; None for the first page.
        subject: only entries about it.
        kind: only verbs of that noun, such as `incident`, or that one verb.
        text: only entries whose verb, subject, actor or facts hold it.
        limit: rows a page.
    """
    wanted = _wanted(subject, kind, text).select_related("leaf")
    rows: list[Entry] = []
    if before_seq is None:
        rows += wanted.filter(pending__isnull=False).order_by("-id")[:limit]
    placed = wanted.filter(leaf__isnull=False).order_by("-leaf__seq")
    if before_seq is not None:
        placed = placed.filter(leaf__seq__lt=before_seq)
    rows += placed[: limit - len(rows)]
    head = latest_checkpoint()
    return [record_of(entry, head.size if head else 0) for entry in rows]


def count(*, subject: str = "", kind: str = "", text: str = "") -> int:
    """How many records the same question has in all."""
    return _wanted(subject, kind, text).count()


def latest_checkpoint() -> SignedHead | None:
    """The newest signed head, if anything was ever signed."""
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    return SignedHead(size=row.size, root=row.root, note=row.note, created_at=row.created_at)


def cosigned_head() -> SignedHead | None:
    """The newest signed head, with the lines of the witnesses that have answered for it."""
    head = latest_checkpoint()
    return head and with_cosignatures(head)


def with_cosignatures(head: SignedHead) -> SignedHead:
    """A signed head with the lines of its witnesses under it."""
    lines = Cosignature.objects.filter(checkpoint_id=head.size).order_by("pk").values_list("line", flat=True)
    return replace(head, note=head.note + "".join(lines))


def assurance() -> dict[str, Any]:
    """What the installation last said of itself; empty if it never did."""
    entry = Entry.objects.filter(verb="assurance.stated").order_by("-id").first()
    return facts_of(entry) if entry else {}


def leaf_hashes(start: int, end: int, *, chunk: int = 5_000) -> Iterator[bytes]:
    """The leaves' hashes from `start` up to but not `end`, a chunk in memory at a time."""
    while start < end:
        rows = Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq").values_list("seq", "leaf_hash")[:chunk]
        if not rows:
            return
        for seq, leaf_hash in rows:
            start = seq + 1
            yield bytes(leaf_hash)


def _wanted(subject: str, kind: str, text: str) -> QuerySet[Entry]:
    wanted = Entry.objects.all()
    if subject:
        wanted = wanted.filter(mentions__subject=subject)
    if kind:
        wanted = wanted.filter(Q(verb=kind) | Q(verb__startswith=f"{kind}."))
    if text:
        wanted = wanted.alias(facts_text=TextOf("facts", output_field=TextField())).filter(
            Q(verb__icontains=text)
            | Q(subject__icontains=text)
            | Q(actor__icontains=text)
            | Q(facts_text__icontains=text)
        )
    return wanted


def record_of(entry: Entry, sealed_below: int) -> Record:
    """An entry as a row of the list; those below `sealed_below` are under a signed head."""
    leaf: Leaf | None = getattr(entry, "leaf", None)
    state = "pending" if leaf is None else "sealed" if leaf.seq < sealed_below else "placed"
    return Record(
        seq=leaf.seq if leaf else None,
        at=entry.at,
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        state=state,
        leaf_hash=bytes(leaf.leaf_hash).hex() if leaf else "",
        facts=facts_of(entry),
    )
