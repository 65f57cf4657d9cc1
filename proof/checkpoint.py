"""The head of a log as its operator signs it (C2SP tlog-checkpoint): origin, size, root."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import note

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


def sign(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """The checkpoint as a note, signed by the log's key under the log's origin."""
    return note.sign(checkpoint.origin, private, checkpoint.body())


def verify(text: str, keys: Iterable[note.VerifierKey]) -> Checkpoint:
    """Open a signed checkpoint.

    Raises:
        proof.note.NoteError: It is not signed by a known key.
        CheckpointError: It is signed, but is no checkpoint, or not one of the log that the key belongs to.
    """
    opened = note.verify(text, keys)
    found = parse(opened.text)
    if all(found.origin != key.name for key in opened.signers):
        msg = f"The checkpoint of {found.origin} is not signed by that log."
        raise CheckpointError(msg)
    return found
