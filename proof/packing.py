"""Put a bundle together."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from proof import canonical
from proof.archive import Spooled, write_to
from proof.binary import b64
from proof.byhand import by_hand
from proof.contents import (
    CHECKPOINT,
    ENTRIES,
    MANIFEST,
    MANIFEST_SIGNATURE,
    MAX_BYTES,
    PLACES,
    Contents,
    write_places,
)
from proof.documents import BUNDLE, BUNDLE_PAYLOAD, DocumentError, Entry, parse_entry
from proof.tlog import Proof, write_path, write_proof

Sign = Callable[[str, bytes], bytes]
"""Makes the log's detached signature over (payload type, payload); `partial(sign_detached, log_key)` does."""


def pack(contents: Contents, sign: Sign) -> bytes:
    """Make a bundle that fits into memory."""
    out = io.BytesIO()
    pack_to(out, contents, sign)
    return out.getvalue()


def pack_to(out: BinaryIO, contents: Contents, sign: Sign) -> None:
    """Write a bundle; what is large goes through a file beside the memory."""
    with tempfile.TemporaryFile() as spool:
        members = _members(contents, spool)
        listed = [
            {"name": name, "size": len(data) if isinstance(data, bytes) else data.size, "sha256": digest}
            for name, (data, digest) in sorted(members.items())
        ]
        manifest = canonical.dumps(
            {
                "_type": BUNDLE,
                "kind": contents.kind,
                "subject": contents.subject,
                "origin": contents.origin,
                "facts": "all" if contents.every_fact else "none",
                "from": contents.first,
                "to": contents.last,
                "members": listed,
            },
            max_bytes=MAX_BYTES,
        )
        head = [(MANIFEST, manifest), (MANIFEST_SIGNATURE, sign(BUNDLE_PAYLOAD, manifest))]
        write_to(out, [*head, *((name, data) for name, (data, _) in sorted(members.items()))])


Member = tuple[bytes | Spooled, str]


def _members(contents: Contents, spool: BinaryIO) -> dict[str, Member]:
    """All members but the manifest, with their digests."""
    kept: list[tuple[int, Entry]] = []
    places: list[int] = []
    entries = _spooled(spool, _lines(contents.entries, kept, places))
    documents = {canonical.sha256(data): data for data in contents.documents}
    small = _small(contents) | _proofs(contents)
    if contents.kind == "selected":
        small[PLACES] = write_places(places)
    small |= {f"documents/{digest}": data for digest, data in documents.items()}
    small |= by_hand([data for data, _ in contents.registry], kept, documents.get)
    return {ENTRIES: entries, **{name: (data, canonical.sha256(data)) for name, data in small.items()}}


def _small(contents: Contents) -> dict[str, bytes]:
    records = [
        {"change": record.digest, "sidecars": list(record.sidecars), "ran": record.ran} for record in contents.changes
    ]
    members = {
        "VERIFY.md": Path(__file__).with_name("VERIFY.md").read_bytes(),
        "assurance.json": canonical.dumps(dict(contents.assurance)),
        "changes.json": canonical.dumps({"changes": records}, max_bytes=MAX_BYTES),
        CHECKPOINT: contents.checkpoint.encode("utf-8"),
    }
    for folder, versions in (("registry", contents.registry), ("policy", contents.policies)):
        for number, (data, signatures) in enumerate(versions, start=1):
            members[f"{folder}/{number:04}.json"] = data
            members[f"{folder}/{number:04}.sig"] = signatures
    for uid, (facts, salt) in contents.facts.items():
        value = {"facts": b64(facts), "salt": salt.hex()}
        members[f"facts/{uid}.json"] = canonical.dumps(value, max_bytes=MAX_BYTES)
    return members


def _proofs(contents: Contents) -> dict[str, bytes]:
    members = {}
    for seq, path in contents.proofs.items():
        proof = Proof(index=seq, path=tuple(path), checkpoint=contents.checkpoint)
        members[f"proofs/{seq}.tlog-proof"] = write_proof(proof).encode("utf-8")
    for head in contents.earlier:
        if head.note:
            members[f"earlier/{head.size}.checkpoint"] = head.note.encode("utf-8")
        if contents.kind == "selected":
            members[f"earlier/{head.size}.path"] = write_path(head.path).encode("ascii")
    return members


def _lines(entries: Iterable[tuple[int, bytes]], kept: list[tuple[int, Entry]], places: list[int]) -> Iterable[bytes]:
    """The lines of the entries; on the way, those that name documents are noted, and where each stands."""
    for seq, body in entries:
        places.append(seq)
        if b'"documents":[]' not in body:
            with suppress(DocumentError):  # whoever checks the bundle says that it is no entry
                kept.append((seq, parse_entry(body)))
        yield body + b"\n"


def _spooled(spool: BinaryIO, pieces: Iterable[bytes]) -> Member:
    start, digest = spool.seek(0, io.SEEK_END), hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        spool.write(piece)
    return Spooled(stream=spool, start=start, size=spool.tell() - start), digest.hexdigest()
