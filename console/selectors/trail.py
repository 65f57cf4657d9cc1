"""The audit trail as a list: one row a record, in words."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from approvals.models import Decision
from audit import search
from audit import selectors as audit
from audit.models import Entry
from audit.selectors import SignedHead, Verified
from console import sentences
from console.selectors import faces, timeline
from console.selectors.asking import Asked
from console.selectors.faces import Face
from core.errors import NotFoundError

PAGE = 50
KINDS = (
    ("", "All"),
    ("decision", "Signatures"),
    ("step", "Actions"),
    ("remediation", "Stages"),
    ("run.refused", "Refusals"),
    ("key", "Keys"),
    ("override", "Overrides"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record."""

    seq: int | None
    at: datetime
    face: Face
    words: str
    verb: str
    reached: str
    leaf_hash: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The page.

    Attributes:
        total: how many match; with `many`, at least so many.
    """

    rows: Sequence[Row]
    total: int
    many: bool
    head: SignedHead | None
    verified: Verified
    next_before: int | None
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One record with all that is stored about it."""

    seq: int | None
    uid: str
    row: Row
    facts: Sequence[tuple[str, str]]
    documents: Sequence[tuple[str, str]]
    about: Sequence[str]
    body: str
    body_sha256: str
    leaf_hash: str
    hash_agrees: bool
    sealed: bool
    registry_seq: int | None
    signers: str


def read(asked: Asked, *, before: int | None) -> Trail:
    """A page of the trail, newest first."""
    some = search.found(asked.search, before_seq=before, limit=PAGE + 1)
    records = some[:PAGE]
    total = search.how_many(asked.search)
    return Trail(
        rows=rows_of(records),
        total=total,
        many=asked.narrowed and total >= search.MOST_COUNTED,
        head=audit.latest_checkpoint(),
        verified=audit.verified(),
        next_before=records[-1].seq if len(some) > PAGE else None,
        asked=asked,
    )


def rows_of(records: Sequence[audit.Record]) -> list[Row]:
    """Records in words, people by name."""
    known = faces.people(faces.person_ids(record.actor for record in records))
    return [_row(record, known) for record in records]


def _row(record: audit.Record, people: dict[str, Face]) -> Row:
    return Row(
        seq=record.seq,
        at=record.at,
        face=faces.actor(record.actor, people),
        words=sentences.say(record.verb, timeline.with_names(record.facts, people), record.subject),
        verb=record.verb,
        reached=sentences.REACHED.get(record.verb, ""),
        leaf_hash=record.leaf_hash,
        subject=record.subject,
    )


def detail(seq: int) -> Detail:
    """One record, its hash computed again.

    Raises:
        NotFoundError: The tree has no such record.
    """
    entry = Entry.objects.select_related("leaf").filter(leaf__seq=seq).first()
    if entry is None:
        missing = f"There is no record {seq}."
        raise NotFoundError(missing)
    people = faces.people(faces.person_ids([entry.actor]))
    body = bytes(entry.body)
    stored = bytes(entry.leaf.leaf_hash).hex()
    head = audit.latest_checkpoint()
    read_body = json.loads(body)
    facts = audit.facts_of(entry)
    return Detail(
        seq=seq,
        uid=entry.uid,
        row=Row(
            seq=seq,
            at=entry.at,
            face=faces.actor(entry.actor, people),
            words=sentences.say(entry.verb, timeline.with_names(facts, people), entry.subject),
            verb=entry.verb,
            reached=sentences.REACHED.get(entry.verb, ""),
            leaf_hash=stored,
            subject=entry.subject,
        ),
        facts=[(key, _text(value)) for key, value in sorted(facts.items())],
        documents=[(str(one["name"]), str(one["sha256"])) for one in read_body.get("documents", [])],
        about=[str(subject) for subject in read_body.get("about", [])],
        body=json.dumps(read_body, indent=2, ensure_ascii=False),
        body_sha256=hashlib.sha256(body).hexdigest(),
        leaf_hash=stored,
        hash_agrees=hashlib.sha256(b"\x00" + body).hexdigest() == stored,
        sealed=bool(head and seq < head.size),
        registry_seq=Entry.objects.filter(verb="registry.published").aggregate(seq=Max("leaf__seq"))["seq"],
        signers=_signers(str(one["sha256"]) for one in read_body.get("documents", [])),
    )


def _signers(documents: Iterable[str]) -> str:
    """The names of those whose signatures a record names, by person id, as JSON; the registry knows ids alone."""
    signed = Decision.objects.filter(sidecar_sha256__in=list(documents)).values_list("person_id", flat=True)
    return json.dumps({person_id: face.name for person_id, face in faces.people(signed).items()})


def _text(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
