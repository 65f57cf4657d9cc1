"""Compare records with themselves: body, columns, hash, facts, mentions and the documents they name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from audit import entries
from audit.findings import Finding, Report
from audit.models import Document, Leaf, Mention
from core import clock
from proof import canonical, merkle

Body = dict[str, Any]  # JSON of an entry's body


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


def named_documents(body: Body) -> dict[str, str]:
    """The documents that a body names, name to digest; a body of another shape names none."""
    listed = body.get("documents")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return {str(row.get("name")): str(row.get("sha256")) for row in rows}


def _read(leaf: Leaf) -> Body:
    try:
        body = canonical.loads(bytes(leaf.entry.body))
    except canonical.CanonicalError:
        return {}
    return cast("Body", body) if isinstance(body, dict) else {}


def _mentions_of(leaves: Sequence[Leaf]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Mention.objects.filter(entry_id__in=[leaf.entry_id for leaf in leaves])
    for entry_id, subject in rows.values_list("entry_id", "subject"):
        found[entry_id].append(subject)
    return defaultdict(list, {entry_id: sorted(subjects) for entry_id, subjects in found.items()})


def _kept_documents(bodies: Iterable[Body]) -> set[str]:
    named = {digest for body in bodies for digest in named_documents(body).values()}
    return set(Document.objects.filter(pk__in=named).values_list("pk", flat=True))


def _differences(leaf: Leaf, body: Body, mentions: list[str], there: set[str]) -> Iterator[Finding]:
    entry, seq = leaf.entry, leaf.seq
    stored, computed = bytes(leaf.leaf_hash).hex(), merkle.leaf_hash(bytes(entry.body)).hex()
    if stored != computed:
        yield _finding(seq, "body", "its body is not the one that was hashed", stored, computed)
    if not body:
        yield _finding(seq, "form", "its body is not in canonical form")
        return
    columns = (entry.uid, clock.rfc3339(entry.at), entry.actor, entry.verb, entry.subject)
    written = tuple(body.get(name) for name in ("uid", "at", "actor", "verb", "subject"))
    if columns != written:
        yield _finding(seq, "columns", "its columns say something else than its body", str(written), str(columns))
    commitment = entries.commitment(bytes(entry.facts_salt), bytes(entry.facts))
    if commitment != body.get("facts_commitment"):
        yield _finding(seq, "facts", "its facts are not those it commits to", body.get("facts_commitment"), commitment)
    if mentions != body.get("about"):
        yield _finding(seq, "mentions", "it is listed under other subjects", str(body.get("about")), str(mentions))
    missing = [digest for digest in named_documents(body).values() if digest not in there]
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
