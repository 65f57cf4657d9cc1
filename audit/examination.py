"""Compare records with themselves: body, columns, hash, facts, mentions and the documents they name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.erasing import ordered_erasures
from audit.findings import Finding, Report
from audit.models import Document, Entry, Leaf, Mention
from core import clock
from proof import merkle
from proof.documents import DocumentError, commitment, parse_entry
from proof.documents import Entry as Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is examined: an entry, its number and the hash under which it stands in the tree, if it has them yet."""

    entry: Entry
    seq: int | None = None
    leaf_hash: bytes | None = None


def examine(leaves: Iterable[Leaf], report: Report) -> set[str]:
    """Examine a chunk of records; every one that differs from itself is reported once, by its first difference.

    Returns:
        The documents that they name.
    """
    subjects = [Subject(entry=leaf.entry, seq=leaf.seq, leaf_hash=bytes(leaf.leaf_hash)) for leaf in leaves]
    return _examine(subjects, report)


def examine_waiting(entries: Iterable[Entry], report: Report) -> None:
    """Examine a chunk of entries that have no place yet: all but the hash, which nobody took so far."""
    _examine([Subject(entry=entry) for entry in entries], report)


def _examine(subjects: Sequence[Subject], report: Report) -> set[str]:
    bodies = [_read(subject.entry) for subject in subjects]
    mentions = _mentions_of([subject.entry.pk for subject in subjects])
    named = {digest for body in bodies if body for _, digest in body.documents}
    there = set(Document.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    erased = {} if all(bytes(subject.entry.facts_salt) for subject in subjects) else ordered_erasures()
    report.erased += sum(not bytes(subject.entry.facts_salt) for subject in subjects)
    for subject, body in zip(subjects, bodies, strict=True):
        found = next(_differences(subject, body, mentions[subject.entry.pk], there, erased), None)
        if found is not None:
            report.add(found)
    return named


def neighbour(seq: int) -> str:
    """A record as one line, empty if there is none."""
    leaf = Leaf.objects.select_related("entry").filter(pk=seq).first()
    if leaf is None:
        return ""
    entry = leaf.entry
    return f"record {seq}, {entry.verb} of {entry.subject} at {clock.rfc3339(entry.at)}, {bytes(leaf.leaf_hash).hex()}"


def _read(entry: Entry) -> Body | None:
    try:
        return parse_entry(bytes(entry.body))
    except DocumentError:
        return None


def _mentions_of(entry_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for entry_id, subject in Mention.objects.filter(entry_id__in=entry_ids).values_list("entry_id", "subject"):
        found[entry_id].append(subject)
    return defaultdict(list, {entry_id: sorted(subjects) for entry_id, subjects in found.items()})


def _is_erased(subject: Subject, body: Body, erased: Mapping[str, tuple[str, int | None]]) -> bool:
    """Whether the facts are gone, and an order that holds says that they should be."""
    gone = not bytes(subject.entry.facts) and not bytes(subject.entry.facts_salt)
    return gone and body.uid in erased and erased[body.uid][0] == body.facts_commitment


def _differences(
    subject: Subject,
    body: Body | None,
    mentions: list[str],
    there: set[str],
    erased: Mapping[str, tuple[str, int | None]],
) -> Iterator[Finding]:
    entry = subject.entry
    computed = merkle.leaf_hash(bytes(entry.body)).hex()
    if subject.leaf_hash is not None and subject.leaf_hash.hex() != computed:
        yield _finding(subject, "body", "its body is not the one that was hashed", subject.leaf_hash.hex(), computed)
    if body is None:
        yield _finding(subject, "form", "its body is not that of an entry")
        return
    columns = (entry.uid, clock.rfc3339(entry.at), entry.actor, entry.verb, entry.subject)
    written = (body.uid, body.at, body.actor, body.verb, body.subject)
    if columns != written:
        yield _finding(subject, "columns", "its columns say something else than its body", written, columns)
    committed = commitment(bytes(entry.facts_salt), bytes(entry.facts))
    if committed != body.facts_commitment and not _is_erased(subject, body, erased):
        yield _finding(subject, "facts", "its facts are not those it commits to", body.facts_commitment, committed)
    if mentions != list(body.about):
        yield _finding(subject, "mentions", "it is listed under other subjects", list(body.about), mentions)
    missing = [digest for _, digest in body.documents if digest not in there]
    if missing:
        yield _finding(subject, "missing-document", "it names a document that is not kept", missing[0], "nothing")


def _finding(subject: Subject, kind: str, what: str, expected: object = "", found: object = "") -> Finding:
    seq = subject.seq
    who = f"The entry {subject.entry.uid}, which waits for its place," if seq is None else f"Record {seq}"
    return Finding(
        kind=kind,
        sentence=f"{who} was changed: {what}.",
        seq=seq,
        expected=str(expected),
        found=str(found),
        before="" if seq is None else neighbour(seq - 1),
        after="" if seq is None else neighbour(seq + 1),
    )
