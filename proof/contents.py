"""An export that a stranger can check: what is in it, and how it is taken apart."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from proof import canonical
from proof.archive import ArchiveError, Reader
from proof.binary import unb64
from proof.documents import BUNDLE, DocumentError
from proof.documents.fields import DIGEST, SLUG, Fields, document, whole

MANIFEST, MANIFEST_SIGNATURE = "manifest.json", "manifest.sig"
ENTRIES, PLACES, CHECKPOINT = "entries.jsonl", "places.txt", "checkpoint"
KINDS = ("complete", "selected")
FACTS = ("all", "none")
MAX_BYTES = 256 * 2**20


class BundleError(ValueError):
    """The bundle is not put together as it must be; the message names the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """What the exporter says about a change: its signed statements in the order of the ledger, and whether it ran."""

    digest: str
    sidecars: tuple[str, ...]
    ran: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier head of the same log, and the way from it to the head of the bundle.

    Attributes:
        note: signed by the log, and by witnesses with the time; empty where only the way is given.
        path: proof of consistency; not needed in a complete bundle, which holds the leaves.
    """

    size: int
    note: str = ""
    path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes into a bundle.

    Attributes:
        kind: complete (all entries from 0 up to the checkpoint) or selected (some, each with a proof of inclusion).
        subject: what was asked for, such as `incident:42`; empty for everything.
        first, last: the entries looked at, from `first` up to but without `last`.
        entries: (sequence number, body) in order; gone through once.
        facts: by entry uid, (facts, salt); asked for after the entries.
        every_fact: whether facts go along with every entry, but for those that were erased.
        documents: bytes that entries name, by digest; asked for after the entries.
        registry, policies: (document, signatures), version 1 first.
        checkpoint: the signed note, with the witnesses' lines.
        earlier: heads that witnesses signed before, oldest first.
        proofs: by sequence number, the inclusion proof in the tree of the checkpoint; for selected bundles.
        assurance: what the running mode gives and does not give, JSON-ready.
    """

    kind: str
    origin: str
    first: int
    last: int
    checkpoint: str
    entries: Iterable[tuple[int, bytes]]
    registry: Sequence[tuple[bytes, bytes]]
    policies: Sequence[tuple[bytes, bytes]] = ()
    documents: Iterable[bytes] = ()
    changes: Sequence[ChangeRecord] = ()
    earlier: Sequence[Earlier] = ()
    facts: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)
    proofs: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    assurance: Mapping[str, object] = field(default_factory=dict)
    every_fact: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says it is, and its members with sizes and digests."""

    kind: str
    subject: str
    origin: str
    first: int
    last: int
    facts: str
    members: tuple[tuple[str, int, str], ...]


def open_bundle(stream: BinaryIO) -> tuple[Manifest, Reader]:
    """Open a bundle; its members are those of the manifest, but their bytes have not been looked at.

    Raises:
        BundleError: The archive or the manifest is not as it must be.
    """
    try:
        archive = Reader(stream)
        manifest = document(archive.read(MANIFEST), BUNDLE, _manifest, max_bytes=MAX_BYTES)
    except (ArchiveError, DocumentError) as error:
        msg = f"The archive or its {MANIFEST} is damaged: {error}"
        raise BundleError(msg) from error
    names = [name for name, _, _ in manifest.members]
    if list(archive.sizes) != [MANIFEST, MANIFEST_SIGNATURE, *names] or names != sorted(set(names)):
        msg = f"The members are not those of {MANIFEST}, in its order."
        raise BundleError(msg)
    for name, size, _ in manifest.members:
        if archive.sizes[name] != size:
            raise BundleError(other_file(name))
    return manifest, archive


def unpack(data: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """Take a bundle apart that fits into memory, and hold every member against the manifest.

    Raises:
        BundleError: The archive or a member is not as it must be.
    """
    manifest, archive = open_bundle(io.BytesIO(data))
    members = {name: archive.read(name) for name in archive.sizes}
    for name, _, digest in manifest.members:
        if canonical.sha256(members[name]) != digest:
            raise BundleError(other_file(name))
    return manifest, members


def other_file(name: str) -> str:
    """The sentence about a member whose bytes are not those of the manifest."""
    return f"{name} is not the file that {MANIFEST} lists."


def places_of(data: bytes) -> list[int]:
    """Read `places.txt`: the sequence numbers of a selection, one a line.

    Raises:
        BundleError: They are not rising numbers, or not in their one form.
    """
    try:
        places = [int(line) for line in data.decode("ascii").split("\n")[:-1]]
    except ValueError as error:
        msg = f"{PLACES} does not hold a number a line."
        raise BundleError(msg) from error
    if write_places(places) != data or places != sorted(set(places)) or (places and places[0] < 0):
        msg = f"{PLACES} does not hold rising numbers, one a line."
        raise BundleError(msg)
    return places


def write_places(places: Iterable[int]) -> bytes:
    """The text of `places.txt`."""
    return "".join(f"{seq}\n" for seq in places).encode("ascii")


def changes_of(data: bytes) -> list[ChangeRecord]:
    """Read `changes.json`.

    Raises:
        BundleError: It is not in its one form.
    """
    try:
        value = canonical.loads(data, max_bytes=MAX_BYTES)
        return list(whole(value, "changes.json", lambda f: f.objects("changes", _change)))
    except ValueError as error:
        msg = f"changes.json: {error}"
        raise BundleError(msg) from error


def facts_of(data: bytes) -> tuple[bytes, bytes]:
    """Read a `facts/<uid>.json` into (facts, salt).

    Raises:
        ValueError: It is not in its one form.
    """
    value = canonical.loads(data, max_bytes=MAX_BYTES)
    return whole(value, "facts", lambda f: (unb64(f.text("facts")), bytes.fromhex(f.text("salt"))))


def _manifest(f: Fields) -> Manifest:
    return Manifest(
        kind=f.one_of("kind", KINDS),
        subject=f.text("subject"),
        origin=f.text("origin", SLUG),
        first=f.integer("from"),
        last=f.integer("to"),
        facts=f.one_of("facts", FACTS),
        members=f.objects("members", lambda m: (m.text("name"), m.integer("size"), m.text("sha256", DIGEST))),
    )


def _change(f: Fields) -> ChangeRecord:
    return ChangeRecord(digest=f.text("change", DIGEST), sidecars=f.texts("sidecars", DIGEST), ran=f.boolean("ran"))
