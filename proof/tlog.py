"""The forms in which a log is published and proved: tiles (https://c2sp.org/tlog-tiles) and proofs (…/tlog-proof)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proof.binary import BinaryError, b64, unb64

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
HASH_BYTES = 32
MAX_ENTRY = 0xFFFF
MAX_LEVEL = 63 // TILE_HEIGHT
MAX_PROOF = 63
PROOF_HEAD = "c2sp.org/tlog-proof@v1"
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
PLACE = re.compile(r"(x[0-9]{3}/)*[0-9]{3}")


class TlogError(ValueError):
    """The text or the bytes are not of the form that the specification gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That an entry stands in a log, for who has the log's key.

    Attributes:
        path: from the leaf's sibling up to the child of the root.
        checkpoint: the signed note, verbatim.
        extra: what the log's operator adds; nothing vouches for it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def place_of(number: int) -> str:
    """A tile's number as part of an address: 1234067 is `x001/x234/067`."""
    text = f"{number % 1000:03}"
    while number := number // 1000:
        text = f"x{number % 1000:03}/{text}"
    return text


def number_of(place: str) -> int:
    """Read what `place_of` wrote.

    Raises:
        TlogError: It would not have written that.
    """
    if PLACE.fullmatch(place):
        number = int(place.replace("x", "").replace("/", ""))
        if place_of(number) == place:
            return number
    msg = f"{place} is not a tile's number."
    raise TlogError(msg)


def tile_path(level: int | None, number: int, width: int = TILE_WIDTH) -> str:
    """The address of a tile below a log's prefix; level None for a bundle of entries."""
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{place_of(number)}{partial}"


def widths(size: int, level: int) -> tuple[int, int]:
    """How many full tiles a tree of that size has at a level, and how many hashes the partial one after them has."""
    return divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)


def write_bundle(bodies: Iterable[bytes]) -> bytes:
    """A bundle of entries: each with its length in two bytes before it.

    Raises:
        TlogError: An entry is longer than the form can say.
    """
    parts = []
    for body in bodies:
        if len(body) > MAX_ENTRY:
            msg = f"An entry of {len(body)} bytes does not fit into a bundle."
            raise TlogError(msg)
        parts += [len(body).to_bytes(2, "big"), body]
    return b"".join(parts)


def read_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        TlogError: It ends in the middle of an entry, or holds more than a tile may.
    """
    bodies: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if len(data) < end or len(data) < at + 2 or len(bodies) == TILE_WIDTH:
            msg = "The bundle of entries is malformed."
            raise TlogError(msg)
        bodies.append(data[at + 2 : end])
        at = end
    return bodies


def write_proof(proof: Proof) -> str:
    """The text of a `.tlog-proof` file."""
    extra = [f"extra {b64(proof.extra)}"] if proof.extra else []
    lines = [PROOF_HEAD, *extra, f"index {proof.index}", *(b64(item) for item in proof.path)]
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def read_proof(text: str) -> Proof:
    """Read a `.tlog-proof` file; nothing in it has been checked yet.

    Raises:
        TlogError: It is not in its one form.
    """
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or not checkpoint or lines.pop(0) != PROOF_HEAD:
        msg = "This is not a tlog-proof."
        raise TlogError(msg)
    extra = _raw(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else b""
    index = number_line("index", lines.pop(0) if lines else "")
    proof = Proof(index=index, path=hash_lines(lines), checkpoint=checkpoint, extra=extra)
    if write_proof(proof) != text:
        msg = "The tlog-proof is not in its one form."
        raise TlogError(msg)
    return proof


def write_path(path: Sequence[bytes]) -> str:
    """A proof by itself, one hash a line."""
    return "".join(f"{b64(item)}\n" for item in path)


def read_path(text: str) -> tuple[bytes, ...]:
    """Read what `write_path` wrote.

    Raises:
        TlogError: It is not in its one form.
    """
    if text and not text.endswith("\n"):
        msg = "A proof does not end in a newline."
        raise TlogError(msg)
    return hash_lines(text.split("\n")[:-1])


def write_submission(old_size: int, path: Sequence[bytes], checkpoint: str) -> str:
    """The body of `add-checkpoint` (https://c2sp.org/tlog-witness)."""
    return "\n".join([f"old {old_size}", *(b64(item) for item in path)]) + "\n\n" + checkpoint


def read_submission(text: str) -> tuple[int, tuple[bytes, ...], str]:
    """Read the body of `add-checkpoint` into old size, proof of consistency and signed checkpoint.

    Raises:
        TlogError: It is not in its one form.
    """
    head, separator, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not separator:
        msg = "There is no empty line between the proof and the checkpoint."
        raise TlogError(msg)
    return number_line("old", first), hash_lines(lines), checkpoint


def number_line(word: str, line: str) -> int:
    """A line of a word and a decimal number.

    Raises:
        TlogError: It is not that.
    """
    found, _, number = line.partition(" ")
    if found != word or not NUMBER.fullmatch(number):
        msg = f"There is no line with the word {word} and a number."
        raise TlogError(msg)
    return int(number)


def hash_lines(lines: Sequence[str]) -> tuple[bytes, ...]:
    """One hash a line, in base64.

    Raises:
        TlogError: There are too many, or one is not a hash.
    """
    path = tuple(_raw(line) for line in lines)
    if len(path) > MAX_PROOF or any(len(item) != HASH_BYTES for item in path):
        msg = f"A proof is at most {MAX_PROOF} hashes of {HASH_BYTES} bytes."
        raise TlogError(msg)
    return path


def _raw(text: str) -> bytes:
    try:
        return unb64(text)
    except BinaryError as error:
        msg = f"A line is not what it should be: {error}"
        raise TlogError(msg) from error
