"""An export that a stranger can check: what is in it, and how it is put together and taken apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proof import archive, canonical
from proof.archive import ArchiveError
from proof.binary import b64, unb64
from proof.documents import BUNDLE, BUNDLE_PAYLOAD, DocumentError
from proof.documents.fields import DIGEST, SLUG, Fields, document, whole

MANIFEST, MANIFEST_SIGNATURE = "manifest.json", "manifest.sig"
KINDS = ("complete", "selected")
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
class Contents:
    """What goes into a bundle.

    Attributes:
        kind: complete (all entries from 0 up to the checkpoint) or selected (some, each with a proof of inclusion).
        subject: what was asked for, such as `incident:42`; empty for everything.
        first, last: the entries looked at, from `first` up to but without `last`.
        entries: (sequence number, body) in order.
        facts: by entry uid, (facts, salt).
        documents: bytes that entries name; their digests are worked out here.
        registry, policies: (document, detached signature), version 1 first.
        checkpoint: the signed note.
        proofs: by sequence number, the inclusion proof in the tree of the checkpoint; for selected bundles.
        assurance: what the running mode gives and does not give, JSON-ready.
    """

    kind: str
    origin: str
    first: int
    last: int
    checkpoint: str
    entries: Sequence[tuple[int, bytes]]
    registry: Sequence[tuple[bytes, bytes]]
    policies: Sequence[tuple[bytes, bytes]] = ()
    documents: Sequence[bytes] = ()
    changes: Sequence[ChangeRecord] = ()
    facts: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)
    proofs: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    assurance: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says it is, and its members with sizes and digests."""

    kind: str
    subject: str
    origin: str
    first: int
    last: int
    members: tuple[tuple[str, int, str], ...]


def pack(contents: Contents, sign: Callable[[str, bytes], bytes]) -> bytes:
    """Make a bundle.

    Args:
        contents: what goes in.
        sign: makes the log's detached signature over (payload type, payload); `partial(sign_detached, log_key)` does.
    """
    members = _members(contents)
    listed = [{"name": name, "size": len(data), "sha256": canonical.sha256(data)} for name, data in members.items()]
    manifest = canonical.dumps(
        {
            "_type": BUNDLE,
            "kind": contents.kind,
            "subject": contents.subject,
            "origin": contents.origin,
            "from": contents.first,
            "to": contents.last,
            "members": listed,
        },
        max_bytes=MAX_BYTES,
    )
    return archive.write({MANIFEST: manifest, MANIFEST_SIGNATURE: sign(BUNDLE_PAYLOAD, manifest), **members})


def unpack(data: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """Take a bundle apart and hold every member against the manifest; the manifest's signature is not looked at.

    Raises:
        BundleError: The archive or a member is not as it must be.
    """
    try:
        members = archive.read(data)
        manifest = document(members.get(MANIFEST, b""), BUNDLE, _manifest, max_bytes=MAX_BYTES)
    except (ArchiveError, DocumentError) as error:
        msg = f"The archive or its {MANIFEST} is damaged: {error}"
        raise BundleError(msg) from error
    names = [name for name, _, _ in manifest.members]
    if list(members) != [MANIFEST, MANIFEST_SIGNATURE, *names] or names != sorted(set(names)):
        msg = f"The members are not those of {MANIFEST}, in its order."
        raise BundleError(msg)
    for name, size, digest in manifest.members:
        if len(members[name]) != size or canonical.sha256(members[name]) != digest:
            msg = f"{name} is not the file that {MANIFEST} lists."
            raise BundleError(msg)
    return manifest, members


def entries_of(data: bytes) -> list[tuple[int, bytes]]:
    """Read `entries.jsonl`.

    Raises:
        BundleError: A line is not in its one form.
    """
    found = []
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            value = canonical.loads(line, max_bytes=100_000)
            found.append(whole(value, "line", lambda f: (f.integer("seq"), unb64(f.text("body")))))
        except ValueError as error:
            msg = f"entries.jsonl, line {number}: {error}"
            raise BundleError(msg) from error
    if data and not data.endswith(b"\n"):
        msg = "entries.jsonl does not end in a newline."
        raise BundleError(msg)
    return found


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


def _members(contents: Contents) -> dict[str, bytes]:
    lines = [canonical.dumps({"body": b64(body), "seq": seq}, max_bytes=100_000) for seq, body in contents.entries]
    records = [
        {"change": record.digest, "sidecars": list(record.sidecars), "ran": record.ran} for record in contents.changes
    ]
    members = {
        "VERIFY.md": Path(__file__).with_name("VERIFY.md").read_bytes(),
        "assurance.json": canonical.dumps(dict(contents.assurance)),
        "changes.json": canonical.dumps({"changes": records}, max_bytes=MAX_BYTES),
        "checkpoint": contents.checkpoint.encode("utf-8"),
        "entries.jsonl": b"".join(line + b"\n" for line in lines),
    }
    for folder, versions in (("registry", contents.registry), ("policy", contents.policies)):
        for number, (data, signature) in enumerate(versions, start=1):
            members[f"{folder}/{number:04}.json"] = data
            members[f"{folder}/{number:04}.sig"] = signature
    for data in contents.documents:
        members[f"documents/{canonical.sha256(data)}"] = data
    for uid, (facts, salt) in contents.facts.items():
        value = {"facts": b64(facts), "salt": salt.hex()}
        members[f"facts/{uid}.json"] = canonical.dumps(value, max_bytes=MAX_BYTES)
    for seq, proof in contents.proofs.items():
        members[f"proofs/{seq}.json"] = canonical.dumps([item.hex() for item in proof])
    return dict(sorted(members.items()))


def _manifest(f: Fields) -> Manifest:
    return Manifest(
        kind=f.one_of("kind", KINDS),
        subject=f.text("subject"),
        origin=f.text("origin", SLUG),
        first=f.integer("from"),
        last=f.integer("to"),
        members=f.objects("members", lambda m: (m.text("name"), m.integer("size"), m.text("sha256", DIGEST))),
    )


def _change(f: Fields) -> ChangeRecord:
    return ChangeRecord(digest=f.text("change", DIGEST), sidecars=f.texts("sidecars", DIGEST), ran=f.boolean("ran"))
