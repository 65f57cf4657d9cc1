"""The signed heads of a bundle: the one that its entries make, earlier ones that witnesses saw, one from elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from proof import lattice, merkle, note
from proof.checkpoint import Checkpoint, CheckpointError, open_signed
from proof.contents import CHECKPOINT, MANIFEST, MANIFEST_SIGNATURE
from proof.detached import verify_detached
from proof.documents import BUNDLE_PAYLOAD
from proof.envelope import SignatureError
from proof.keys import load_pem
from proof.members import Members
from proof.note import COSIGNED_ML_DSA, ED25519, NoteError, VerifierKey
from proof.pins import Pinned
from proof.registry import Registry
from proof.report import DamageError, Report
from proof.tlog import TlogError, read_path

EARLIER = "earlier/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A head that witnesses signed, and the earliest time that one of them states."""

    size: int
    root: bytes
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """All heads, their signatures checked; whether the tree leads to them is checked with the entries.

    Attributes:
        head: the one that the bundle is about.
        seen: the heads that witnesses signed, smallest first; the head may be among them.
    """

    head: Checkpoint
    seen: tuple[Seen, ...]

    def before(self, seq: int) -> int | None:
        """The earliest time at which a witness had seen the log with an entry; None if none says."""
        return min((item.time for item in self.seen if item.size > seq), default=None)

    def after(self, seq: int) -> int | None:
        """The latest time at which a witness saw the log still without an entry; None if none says."""
        return max((item.time for item in self.seen if item.size <= seq), default=None)


def read_heads(members: Members, registry: Registry, pinned: Pinned | None, report: Report) -> Heads:
    """Check who signed the manifest and the heads.

    Raises:
        DamageError: A signature that must be there is missing, or one that is there is wrong.
    """
    origin = members.manifest.origin
    own, keys = _log_keys(origin, registry, pinned)
    try:
        verify_detached(
            members.raw(MANIFEST_SIGNATURE), public=own, payload_type=BUNDLE_PAYLOAD, payload=members.raw(MANIFEST)
        )
    except SignatureError as error:
        msg = f"{MANIFEST_SIGNATURE}: {error}"
        raise DamageError(msg) from error
    witnesses, needed = _witness_keys(registry, pinned)
    head, seen, names = _open(CHECKPOINT, members.take(CHECKPOINT), origin, (*keys, *witnesses), report)
    report.witnesses = sorted(names)
    if len(names) < needed:
        report.findings.append(f"{len(names)} of the {needed} witnesses that are required have signed the head.")
    report.has_lattice_key = any(key.kind == COSIGNED_ML_DSA for key in keys)
    earlier = [
        _open(name, members.take(name), origin, (*keys, *witnesses), report)
        for name in members.names(EARLIER)
        if name.endswith(".checkpoint")
    ]
    found = [item for _, item, _ in [*earlier, (head, seen, names)] if item is not None]
    return Heads(head=head, seen=tuple(sorted(found, key=lambda item: item.size)))


def check_roots(heads: Heads, roots: dict[int, bytes], members: Members, pinned: Pinned | None, report: Report) -> None:
    """Check that the tree of the bundle leads through every head.

    Args:
        heads: as `read_heads` gave them.
        roots: of the tree at the heads' sizes, where the bundle holds all leaves; empty for a selection.
        members: with the proofs of consistency of a selection.
        pinned: may hold a head from elsewhere.
        report: gets a gap where there is no way between two heads.

    Raises:
        DamageError: It does not.
    """
    for name in members.names(EARLIER):
        members.take(name)
    for item in heads.seen:
        if item.size != heads.head.size and not _leads(item.size, item.root, heads.head, roots, members):
            msg = f"The log does not lead from the {item.size} entries that witnesses saw to its head."
            raise DamageError(msg)
    elsewhere = pinned.head() if pinned else None
    if pinned is not None and elsewhere is not None:
        _check_elsewhere(heads.head, elsewhere, roots, members, pinned.path, report)


def _check_elsewhere(
    head: Checkpoint,
    elsewhere: Checkpoint,
    roots: dict[int, bytes],
    members: Members,
    path: tuple[bytes, ...],
    report: Report,
) -> None:
    """Whether a head that was seen elsewhere and this one are of one log."""
    if elsewhere.size > head.size:
        leads = merkle.verify_consistency(
            head.size, elsewhere.size, old_root=head.root, new_root=elsewhere.root, proof=path
        )
        known = bool(path)
    else:
        leads = _leads(elsewhere.size, elsewhere.root, head, roots, members)
        known = bool(roots) or members.has(_path_name(elsewhere.size)) or elsewhere.size == head.size
    if not known:
        report.gaps.append(
            f"No proof leads between the head of {elsewhere.size} entries from elsewhere and this one of {head.size}. "
            f"Ask for an export with --through {elsewhere.size}, or add the proof to the keys."
        )
    elif not leads:
        msg = f"The log is not the one whose head of {elsewhere.size} entries was seen elsewhere."
        raise DamageError(msg)
    else:
        report.elsewhere = elsewhere.size


def _leads(size: int, root: bytes, head: Checkpoint, roots: dict[int, bytes], members: Members) -> bool:
    if size == head.size:
        return root == head.root
    if roots:
        return roots.get(size) == root
    try:
        path = read_path(members.take(_path_name(size)).decode("ascii"))
    except (TlogError, UnicodeDecodeError):
        return False
    return merkle.verify_consistency(size, head.size, old_root=root, new_root=head.root, proof=path)


def _path_name(size: int) -> str:
    return f"{EARLIER}{size}.path"


def _log_keys(origin: str, registry: Registry, pinned: Pinned | None) -> tuple[str, tuple[VerifierKey, ...]]:
    """The PEM of the log's own key, and all keys that must have signed its heads."""
    log = registry.service("log")
    if log is None or origin != f"countersign/{registry.installation}":
        msg = "The registry names no log, or belongs to another installation than the manifest says."
        raise DamageError(msg)
    public = load_pem(log.public)  # the registry has been checked, so this is a key
    if not isinstance(public, Ed25519PublicKey):
        msg = "The log's key is not an Ed25519 key."
        raise DamageError(msg)
    own = note.verifier_key(origin, public)
    try:
        listed = {own, *(note.parse_verifier_key(text) for text in registry.log_keys)}
    except NoteError as error:
        msg = f"The registry's log keys: {error}"
        raise DamageError(msg) from error
    if pinned and not {str(own)} <= set(pinned.log) <= {str(key) for key in listed}:
        msg = "The log's key is not the one that is pinned."
        raise DamageError(msg)
    if any(key.name != origin for key in listed):
        msg = "The registry lists a log key of another log."
        raise DamageError(msg)
    return log.public, tuple(sorted(listed, key=str))


def _witness_keys(registry: Registry, pinned: Pinned | None) -> tuple[Sequence[VerifierKey], int]:
    if pinned and pinned.witnesses:
        return pinned.witness_keys(), pinned.k
    try:
        keys = [note.parse_verifier_key(text) for text in registry.witness_keys]
    except NoteError as error:
        msg = f"The registry's witness keys: {error}"
        raise DamageError(msg) from error
    return [key for key in keys if key.kind != ED25519], registry.witnesses_required


def _open(
    name: str, data: bytes, origin: str, keys: Iterable[VerifierKey], report: Report
) -> tuple[Checkpoint, Seen | None, set[str]]:
    """A signed head, what the witnesses under it state, and their names."""
    try:
        opened = open_signed(data.decode("utf-8"), keys)
    except (NoteError, CheckpointError, UnicodeDecodeError) as error:
        msg = f"{name}: {error}"
        raise DamageError(msg) from error
    head = opened.head
    if head.origin != origin:
        msg = f"{name} is of another log than the manifest says."
        raise DamageError(msg)
    if opened.note.unchecked and lattice.NOT_CHECKED not in report.remarks:
        report.remarks.append(lattice.NOT_CHECKED)
        report.unchecked = True
    stated = {key: time for key, time in zip(opened.note.signers, opened.note.times, strict=True) if key.name != origin}
    times = [time for time in stated.values() if time]
    seen = Seen(size=head.size, root=head.root, time=min(times)) if times else None
    return head, seen, {key.name for key in stated}
