"""`entries.jsonl`: the bodies of entries, one a line, read a piece at a time and many a second.

A body is canonical JSON and holds no newline, so its line is the very leaf. Nearly all bodies are plain: no escape in
any text. Such a body is recognised by one regular expression that takes nothing but the canonical form of an entry;
the others, and those whose content matters, go through the reader of documents.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from proof.documents import DocumentError, Entry, parse_entry
from proof.merkle import CompactRange

MAX_LINE = 60_000
TEXT = rb'"[ !#-\[\]-~]*"'
NAMED = rb'\{"name":' + TEXT + rb',"sha256":"[0-9a-f]{64}"\}'
TIME = rb"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
PLAIN = re.compile(
    rb'\{"_type":"urn:countersign:entry:v1","about":\[(?:' + TEXT + rb"(?:," + TEXT + rb')*)?\],"actor":' + TEXT
    + rb',"at":"' + TIME + rb'","documents":\[(?P<documents>' + NAMED + rb"(?:," + NAMED + rb")*)?\]"
    + rb',"facts_commitment":"(?P<facts>[0-9a-f]{64})","installation":"(?P<installation>[0-9a-f]{32})"'
    + rb',"subject":' + TEXT + rb',"uid":"(?P<uid>[0-9a-f]{32})","verb":(?P<verb>' + TEXT + rb")\}"
)  # fmt: skip


class LinesError(ValueError):
    """What was read is not the entries that it should be; the message names the line."""


@dataclass(slots=True, kw_only=True)
class Walked:
    """What a pass over the entries found.

    Attributes:
        kept: the entries that matter for a judgement, with their sequence numbers.
        count: how many lines there were.
        roots: the heads of the tree at the sizes that were asked for, and at the end.
        sha256: of all bytes.
        commitments: by uid, what those entries committed to whose facts are at hand.
        without: by uid, sequence number and commitment of the entries whose facts are not, if those are wanted.
    """

    kept: list[tuple[int, Entry]] = field(default_factory=list)
    count: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)
    sha256: str = ""
    commitments: dict[str, str] = field(default_factory=dict)
    without: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for on the way.

    Attributes:
        installation: whose entries they are.
        verbs: entries with these are kept, and all that name documents.
        uids: entries whose facts are at hand.
        sizes: of the tree at which its head is wanted.
        every_fact: whether facts should be at hand for every entry.
        about: of a selection, its subject: facts should be at hand for what is about that alone.
    """

    installation: str
    verbs: Collection[str] = ()
    uids: Collection[str] = ()
    sizes: Collection[int] = ()
    every_fact: bool = False
    about: str = ""


def walk(
    chunks: Iterable[bytes], wanted: Wanted, *, places: Sequence[int] | None = None, check: Callable[[int, bytes], None]
) -> Walked:
    """Read entries and build their tree; memory does not grow with their number.

    Args:
        chunks: the bytes of the member, piece by piece.
        wanted: what to keep.
        places: the sequence numbers, where they are not 0, 1, 2 and so on; then no tree is built.
        check: asked for each sequence number and leaf hash of a selection.

    Raises:
        LinesError: A line is not an entry of that installation, or there are not as many as places.
    """
    found, tree, digest = Walked(), CompactRange(), hashlib.sha256()
    stops = sorted(set(wanted.sizes), reverse=True)
    verbs = {f'"{verb}"'.encode() for verb in wanted.verbs}
    sha256 = hashlib.sha256
    for lines in entry_lines(chunks, digest):
        hashes = [sha256(b"\0" + line).digest() for line in lines]
        if places is None:
            _grow(tree, hashes, stops, found.roots)
            seqs: Sequence[int] = range(found.count, found.count + len(lines))
        else:
            seqs = places[found.count : found.count + len(lines)]
            if len(seqs) != len(lines):
                msg = "There are more entries than places."
                raise LinesError(msg)
            for seq, item in zip(seqs, hashes, strict=True):
                check(seq, item)
        _look(found, zip(seqs, lines, strict=True), wanted, verbs)
        found.count += len(lines)
    if places is None:
        found.roots[tree.size] = tree.root()
    elif len(places) != found.count:
        msg = "There are fewer entries than places."
        raise LinesError(msg)
    found.sha256 = digest.hexdigest()
    return found


def _look(found: Walked, pairs: Iterable[tuple[int, bytes]], wanted: Wanted, verbs: set[bytes]) -> None:
    """Check the form of each entry, and keep those that matter."""
    whose, match, facts_matter = wanted.installation.encode(), PLAIN.fullmatch, bool(wanted.uids or wanted.every_fact)
    for seq, line in pairs:
        plain = match(line) if not wanted.about else None
        if plain is not None:
            documents, facts, whom, uid, verb = plain.group("documents", "facts", "installation", "uid", "verb")
            if whom == whose and len(line) <= MAX_LINE and documents is None and verb not in verbs:
                if facts_matter:
                    _note(found, wanted, uid.decode(), seq, facts.decode())
                continue
        entry = _read(seq, line)
        if entry.installation != wanted.installation:
            msg = f"Entry {seq} is of another installation."
            raise LinesError(msg)
        if not wanted.about or wanted.about in entry.about or entry.uid in wanted.uids:
            _note(found, wanted, entry.uid, seq, entry.facts_commitment)
        if entry.documents or f'"{entry.verb}"'.encode() in verbs:
            found.kept.append((seq, entry))


def _note(found: Walked, wanted: Wanted, uid: str, seq: int, committed: str) -> None:
    if uid in wanted.uids:
        found.commitments[uid] = committed
    elif wanted.every_fact:
        found.without[uid] = (seq, committed)


def _read(seq: int, line: bytes) -> Entry:
    try:
        return parse_entry(line)
    except DocumentError as error:
        msg = f"Entry {seq}: {error}"
        raise LinesError(msg) from error


def _grow(tree: CompactRange, hashes: Sequence[bytes], stops: list[int], roots: dict[int, bytes]) -> None:
    """Add leaves, noting the head wherever it is wanted; `stops` is in falling order."""
    at, start = 0, tree.size
    while stops and stops[-1] <= start + len(hashes):
        stop = stops.pop()
        tree.extend(hashes[at : stop - start])
        at = stop - start
        roots[stop] = tree.root()
    tree.extend(hashes[at:])


def entry_lines(chunks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[list[bytes]]:
    """The lines of a member, as many at a time as a piece holds; `digest` is fed on the way."""
    rest = b""
    for chunk in chunks:
        digest.update(chunk)
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if len(rest) > MAX_LINE:
            msg = "A line of the entries is too long."
            raise LinesError(msg)
        yield lines
    if rest:
        msg = "The entries do not end in a newline."
        raise LinesError(msg)
