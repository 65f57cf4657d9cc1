"""Compare records with themselves: body, columns, hash, facts, mentions and the documents they name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from audit.findings import Finding, Report
from audit.models import Document, Leaf, Mention
from core import clock
from proof import merkle
from proof.documents import DocumentError, commitment, parse_entry
from proof.documents import Entry as Body


def examine(leaves: Sequence[Leaf], report: Report) -> None:
    """Examine a chunk of records; every one that differs from itself is reported once, by its first difference."""
    bodies = {leaf.seq: _read(leaf) for leaf in leaves}
    mentions = _mentions_of(leaves)
    there = _kept_documents(bodies.values())
    for leaf in leaves:
        body = bodies[leaf.seq]
        found = next(_differences(leaf, body, mentions[leaf.entry_id], there), None)
        if found is not None:
            report.add(found)


def neighbour(seq: int) -> str:
    """A record as one line, empty if there is none."""
    leaf = Leaf.objects.select_related("entry").filter(pk=seq).first()
    if leaf is None:
        return ""
    entry = leaf.entry
    return f"record {seq}, {entry.verb} of {entry.subject} at {clock.rfc3339(entry.at)}, {bytes(leaf.leaf_hash).hex()}"


def _read(leaf: Leaf) -> Body | None:
    try:
        return parse_entry(bytes(leaf.entry.body))
    except DocumentError:
        return None


def _mentions_of(leaves: Sequence[Leaf]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Mention.objects.filter(entry_id__in=[leaf.entry_id for leaf in leaves])
    for entry_id, subject in rows.values_list("entry_id", "subject"):
        found[entry_id].append(subject)
    return defaultdict(list, {entry_id: sorted(subjects) for entry_id, subjects in found.items()})


def _kept_documents(bodies: Iterable[Body | None]) -> set[str]:
    named = {digest for body in bodies if body for _, digest in body.documents}
    return set(Document.objects.filter(pk__in=named).values_list("pk", flat=True))


def _differences(leaf: Leaf, body: Body | None, mentions: list[str], there: set[str]) -> Iterator[Finding]:
    entry, seq = leaf.entry, leaf.seq
    stored, computed = bytes(leaf.leaf_hash).hex(), merkle.leaf_hash(bytes(entry.body)).hex()
    if stored != computed:
        yield _finding(seq, "body", "its body is not the one that was hashed", stored, computed)
    if body is None:
        yield _finding(seq, "form", "its body is not that of an entry")
        return
    columns = (entry.uid, clock.rfc3339(entry.at), entry.actor, entry.verb, entry.subject)
    written = (body.uid, body.at, body.actor, body.verb, body.subject)
    if columns != written:
        yield _finding(seq, "columns", "its columns say something else than its body", written, columns)
    committed = commitment(bytes(entry.facts_salt), bytes(entry.facts))
    if committed != body.facts_commitment:
        yield _finding(seq, "facts", "its facts are not those it commits to", body.facts_commitment, committed)
    if mentions != list(body.about):
        yield _finding(seq, "mentions", "it is listed under other subjects", list(body.about), mentions)
    missing = [digest for _, digest in body.documents if digest not in there]
    if missing:
        yield _finding(seq, "missing-document", "it names a document that is not kept", missing[0], "nothing")


def _finding(seq: int, kind: str, what: str, expected: object = "", found: object = "") -> Finding:
    return Finding(
        kind=kind,
        sentence=f"Record {seq} was changed: {what}.",
        seq=seq,
        expected=str(expected),
        found=str(found),
        before=neighbour(seq - 1),
        after=neighbour(seq + 1),
    )
