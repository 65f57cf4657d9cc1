"""The head of a log as its operator signs it (C2SP tlog-checkpoint): origin, size, root."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import lattice, note

BODY = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n\Z")


class CheckpointError(ValueError):
    """The text is not a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a tree.

    Attributes:
        origin: the log's name, unique in the world.
        size: number of leaves.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(body: str) -> Checkpoint:
    """Read the text of a checkpoint; extension lines are refused, as we write none.

    Raises:
        CheckpointError: It has another form.
    """
    match = BODY.match(body)
    if match is None:
        msg = "This is not a checkpoint of three lines: origin, size, root."
        raise CheckpointError(msg)
    try:
        root = base64.b64decode(match["root"], validate=True)
    except binascii.Error as error:
        msg = "The checkpoint's root is not base64."
        raise CheckpointError(msg) from error
    found = Checkpoint(origin=match["origin"], size=int(match["size"]), root=root)
    if found.body() != body:
        msg = "The checkpoint's root is not in its one base64 form."
        raise CheckpointError(msg)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A signed checkpoint, checked.

    Attributes:
        head: origin, size and root.
        note: who signed, and whose signature this machine could not check.
    """

    head: Checkpoint
    note: note.Note

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a report should say about signatures that could not be checked here."""
        return (lattice.NOT_CHECKED,) if self.note.unchecked else ()


def sign(checkpoint: Checkpoint, private: Ed25519PrivateKey, ml_dsa_seed: bytes = b"") -> str:
    """The checkpoint as a note, signed by the log's keys under the log's origin.

    The ML-DSA-44 line, where there is a seed for it, claims no time: its size and root are all that the log states.
    """
    signed = note.sign(checkpoint.origin, private, checkpoint.body())
    if not ml_dsa_seed:
        return signed
    return signed + note.cosign_ml_dsa(signed, checkpoint.origin, ml_dsa_seed, time=0)


def open_signed(text: str, keys: Iterable[note.VerifierKey]) -> Opened:
    """Open a signed checkpoint. Of the keys given, all of the log's own must have signed it; others' lines are extra.

    Raises:
        proof.note.NoteError: It is not signed by a known key, or a known key's line is wrong.
        CheckpointError: It is signed, but is no checkpoint, not one of that log, or lacks the line of a log's key.
    """
    known = tuple(keys)
    opened = note.verify(text, known)
    found = parse(opened.text)
    if all(found.origin != key.name for key in opened.signers):
        msg = f"The checkpoint of {found.origin} is not signed by that log."
        raise CheckpointError(msg)
    for key in known:
        if key.name == found.origin and key not in opened.signers and key not in opened.unchecked:
            kind = "ML-DSA-44" if key.kind == note.COSIGNED_ML_DSA else "Ed25519"
            msg = f"The checkpoint of {found.origin} lacks the line of its {kind} key {key.hint.hex()}."
            raise CheckpointError(msg)
    return Opened(head=found, note=opened)


def verify(text: str, keys: Iterable[note.VerifierKey]) -> Checkpoint:
    """The head in a signed checkpoint; see `open_signed`, which also tells what could not be checked."""
    return open_signed(text, keys).head
