"""Check a bundle with nothing but the bundle and what one knows from elsewhere."""

import json
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proof import canonical, checkpoint, merkle, note
from proof.checkpoint import Checkpoint, CheckpointError
from proof.contents import MANIFEST, MANIFEST_SIGNATURE, BundleError, Manifest, entries_of, facts_of, unpack
from proof.detached import verify_detached
from proof.documents import BUNDLE_PAYLOAD, DocumentError, Entry, commitment, parse_entry, parse_policy
from proof.documents.fields import whole
from proof.envelope import SignatureError
from proof.keys import load_pem
from proof.note import NoteError, VerifierKey
from proof.registry import Registry, RegistryError, parse_chain, verify_policy
from proof.report import CLOCK, SELECTION, Pinned, Report
from proof.runs import Material, check_runs

MAX_PROOF = 64


class _DamageError(ValueError):
    """What follows cannot be checked, since what it rests on is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    manifest: Manifest
    members: dict[str, bytes]
    report: Report


def read_pinned(text: str) -> Pinned:
    """Read a file of pinned keys, `{"root_public": PEM, "log": verifier key}`.

    Raises:
        ValueError: It is not such a file.
    """
    pinned = whole(json.loads(text), "keys", lambda f: Pinned(root_public=f.text("root_public"), log=f.text("log")))
    load_pem(pinned.root_public)
    note.parse_verifier_key(pinned.log)
    return pinned


def verify(data: bytes, pinned: Pinned | None = None) -> Report:
    """Check everything in a bundle; never raises for what is in it."""
    report = Report(trust="pinned" if pinned else "self")
    try:
        manifest, members = unpack(data)
        report.kind, report.subject, report.origin = manifest.kind, manifest.subject, manifest.origin
        _check(_Bundle(manifest=manifest, members=members, report=report), pinned)
    except (BundleError, _DamageError) as error:
        report.findings.append(str(error))
    return report


def _check(bundle: _Bundle, pinned: Pinned | None) -> None:
    members, report = bundle.members, bundle.report
    versions = _registry(bundle, pinned)
    report.root_public = versions[0].root_public
    head = _head(bundle, versions[-1], pinned)
    report.size, report.tree_root = head.size, head.root.hex()
    entries = _entries(bundle, head)
    report.entries = len(entries)
    _facts(bundle, entries)
    documents = _documents(members)
    policies = _policies(bundle, versions)
    report.assurance = _assurance(members.get("assurance.json", b""))
    report.remarks.append(CLOCK)
    if bundle.manifest.kind == "selected":
        report.remarks.append(SELECTION)
    check_runs(Material(entries=entries, documents=documents, registries=versions, policies=policies), members, report)


def _registry(bundle: _Bundle, pinned: Pinned | None) -> tuple[Registry, ...]:
    chain = _versions(bundle.members, "registry")
    try:
        return parse_chain(chain, root_public=pinned.root_public if pinned else None)
    except RegistryError as error:
        msg = f"registry: {error}"
        raise _DamageError(msg) from error


def _head(bundle: _Bundle, registry: Registry, pinned: Pinned | None) -> Checkpoint:
    """The signed head of the tree, once the log's key has signed the manifest too."""
    origin, log = bundle.manifest.origin, registry.service("log")
    if log is None or origin != f"countersign/{registry.installation}":
        msg = "The registry names no log, or belongs to another installation than the manifest says."
        raise _DamageError(msg)
    key = _log_key(origin, log.public)
    if pinned and str(key) != pinned.log:
        msg = "The log's key is not the one that is pinned."
        raise _DamageError(msg)
    try:
        manifest = bundle.members[MANIFEST]
        signature = bundle.members[MANIFEST_SIGNATURE]
        verify_detached(signature, public=log.public, payload_type=BUNDLE_PAYLOAD, payload=manifest)
        head = checkpoint.verify(bundle.members.get("checkpoint", b"").decode("utf-8"), [key])
    except SignatureError as error:
        msg = f"{MANIFEST_SIGNATURE}: {error}"
        raise _DamageError(msg) from error
    except (NoteError, CheckpointError, UnicodeDecodeError) as error:
        msg = f"checkpoint: {error}"
        raise _DamageError(msg) from error
    if head.origin != origin:
        msg = "The checkpoint is of another log than the manifest says."
        raise _DamageError(msg)
    return head


def _log_key(origin: str, public: str) -> VerifierKey:
    key = load_pem(public)  # the registry has been checked, so this is a key
    if not isinstance(key, Ed25519PublicKey):
        msg = "The log's key is not an Ed25519 key."
        raise _DamageError(msg)
    return VerifierKey(name=origin, public=key.public_bytes_raw())


def _entries(bundle: _Bundle, head: Checkpoint) -> list[tuple[int, Entry]]:
    pairs = entries_of(bundle.members.get("entries.jsonl", b""))
    if bundle.manifest.kind == "complete":
        _check_complete(bundle.manifest, pairs, head)
    else:
        _check_selected(bundle, pairs, head)
    entries = []
    for seq, body in pairs:
        try:
            entry = parse_entry(body)
        except DocumentError as error:
            msg = f"Entry {seq}: {error}"
            raise _DamageError(msg) from error
        if f"countersign/{entry.installation}" != head.origin:
            msg = f"Entry {seq} is of another installation."
            raise _DamageError(msg)
        entries.append((seq, entry))
    return entries


def _check_complete(manifest: Manifest, pairs: list[tuple[int, bytes]], head: Checkpoint) -> None:
    in_order = len(pairs) == head.size and all(seq == place for place, (seq, _) in enumerate(pairs))
    if (manifest.first, manifest.last) != (0, head.size) or not in_order:
        msg = f"The bundle says that it is complete, but does not hold the entries 0 to {head.size - 1}."
        raise _DamageError(msg)
    if merkle.root(merkle.leaf_hash(body) for _, body in pairs) != head.root:
        msg = "The entries do not make the head of the tree that the log signed."
        raise _DamageError(msg)


def _check_selected(bundle: _Bundle, pairs: list[tuple[int, bytes]], head: Checkpoint) -> None:
    manifest, before = bundle.manifest, bundle.manifest.first - 1
    for seq, body in pairs:
        if not before < seq < min(manifest.last, head.size):
            msg = f"Entry {seq} is out of order or out of range."
            raise _DamageError(msg)
        before = seq
        path = _proof(bundle.members.get(f"proofs/{seq}.json", b""), seq)
        if not merkle.verify_inclusion(seq, head.size, merkle.leaf_hash(body), path, head.root):
            msg = f"Entry {seq} is not in the tree that the log signed."
            raise _DamageError(msg)


def _proof(data: bytes, seq: int) -> list[bytes]:
    try:
        value = canonical.loads(data)
        if not isinstance(value, list) or len(value) > MAX_PROOF:
            msg = f"proofs/{seq}.json is not a list of hashes."
            raise _DamageError(msg)
        return [bytes.fromhex(item) for item in value]
    except (ValueError, TypeError) as error:
        msg = f"proofs/{seq}.json is missing or malformed."
        raise _DamageError(msg) from error


def _facts(bundle: _Bundle, entries: list[tuple[int, Entry]]) -> None:
    wanted = {f"facts/{entry.uid}.json": entry.facts_commitment for _, entry in entries}
    for name in [name for name in bundle.members if name.startswith("facts/")]:
        try:
            facts, salt = facts_of(bundle.members[name])
        except ValueError as error:
            msg = f"{name}: {error}"
            raise _DamageError(msg) from error
        if commitment(salt, facts) != wanted.pop(name, None):
            msg = f"{name} is not what its entry committed to."
            raise _DamageError(msg)
    if wanted:
        bundle.report.remarks.append(f"The facts of {len(wanted)} entries are not shown here.")


def _documents(members: dict[str, bytes]) -> dict[str, bytes]:
    found = {}
    for name, data in members.items():
        folder, _, digest = name.partition("/")
        if folder == "documents":
            if canonical.sha256(data) != digest:
                msg = f"{name} does not hold the bytes that its name says."
                raise _DamageError(msg)
            found[digest] = data
    return found


def _policies(bundle: _Bundle, versions: tuple[Registry, ...]) -> dict[str, bytes]:
    """The policies by digest, oldest first, each signed by a root of its time or later."""
    found: dict[str, bytes] = {}
    before = 0
    for number, (data, signature) in enumerate(_versions(bundle.members, "policy"), start=1):
        name = f"policy/{number:04}.json"
        try:
            policy = parse_policy(data)
            verify_policy(data, signature, versions, created_at=policy.created_at)
            version = policy.version
        except (SignatureError, DocumentError) as error:
            msg = f"{name}: {error}"
            raise _DamageError(msg) from error
        if version <= before:
            msg_0 = f"{name} is version {version}, which does not come after version {before}."
            raise _DamageError(msg_0)
        before = version
        found[canonical.sha256(data)] = data
    return found


def _versions(members: dict[str, bytes], folder: str) -> list[tuple[bytes, bytes]]:
    names = [name for name in members if name.startswith(f"{folder}/")]
    count = sum(name.endswith(".json") for name in names)
    numbers = range(1, count + 1)
    if names != [f"{folder}/{number:04}.{kind}" for number in numbers for kind in ("json", "sig")]:
        msg = f"The files of {folder}/ are not versions from 0001 on, each with its signature."
        raise _DamageError(msg)
    return [(members[f"{folder}/{number:04}.json"], members[f"{folder}/{number:04}.sig"]) for number in numbers]


def _assurance(data: bytes) -> dict[str, object]:
    try:
        value = canonical.loads(data)
    except canonical.CanonicalError as error:
        msg = f"assurance.json: {error}"
        raise _DamageError(msg) from error
    if not isinstance(value, dict):
        msg = "assurance.json is not an object."
        raise _DamageError(msg)
    return value
