"""The one form of an archive: plain ustar, regular files, all metadata zero, so that every byte is accounted for.

It is read where it lies, member by member, since a whole ledger may not fit into memory.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 512
CHUNK = 2**20
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")
MAX_NAME = 100
MAX_MEMBER = 8 * 2**30 - 1
"""What eleven octal digits can say."""
MAX_SMALL = 256 * 2**20
"""A member that is read as a whole."""
MAX_TOTAL = 32 * 2**30
MAX_MEMBERS = 500_000


class ArchiveError(ValueError):
    """The bytes are not an archive in its one form; the message names the member or the offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A member that is too large for memory: where it begins in another file, and how long it is."""

    stream: BinaryIO
    start: int
    size: int


def write_to(out: BinaryIO, members: Iterable[tuple[str, bytes | Spooled]]) -> None:
    """Write members into an archive, in the order given.

    Raises:
        ArchiveError: A name or a size is outside what can be read back.
    """
    for count, (name, content) in enumerate(members):
        if count == MAX_MEMBERS:
            msg = f"The archive would have more than {MAX_MEMBERS} members."
            raise ArchiveError(msg)
        size = content.size if isinstance(content, Spooled) else len(content)
        out.write(_header(name, size))
        if isinstance(content, Spooled):
            _copy(content, out)
        else:
            out.write(content)
        out.write(bytes(-size % BLOCK))
    out.write(bytes(2 * BLOCK))


def _copy(content: Spooled, out: BinaryIO) -> None:
    content.stream.seek(content.start)
    left = content.size
    while left:
        piece = content.stream.read(min(CHUNK, left))
        if not piece:
            msg = "A member ends before its size."
            raise ArchiveError(msg)
        out.write(piece)
        left -= len(piece)


def write(members: Mapping[str, bytes]) -> bytes:
    """An archive of members that fit into memory."""
    out = io.BytesIO()
    write_to(out, members.items())
    return out.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """Take an archive apart that fits into memory.

    Raises:
        ArchiveError: It does not equal its own re-serialisation.
    """
    archive = Reader(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.sizes}


class Reader:
    """An archive where it lies; making one checks that it equals its own re-serialisation.

    Attributes:
        sizes: the members in their order, with their sizes.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._starts: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        end = stream.seek(0, io.SEEK_END)
        if end > MAX_TOTAL:
            msg = f"The archive has {end} bytes; {MAX_TOTAL} are the most."
            raise ArchiveError(msg)
        for name, start, size in self._members(end):
            if name in self.sizes:
                msg = f"{name} is in the archive twice."
                raise ArchiveError(msg)
            if len(self.sizes) == MAX_MEMBERS:
                msg = f"The archive has more than {MAX_MEMBERS} members."
                raise ArchiveError(msg)
            self._starts[name], self.sizes[name] = start, size

    def read(self, name: str) -> bytes:
        """A member as a whole; empty if there is none of that name.

        Raises:
            ArchiveError: It is too large for that.
        """
        size = self.sizes.get(name, 0)
        if size > MAX_SMALL:
            msg = f"{name} has {size} bytes; {MAX_SMALL} are the most for it."
            raise ArchiveError(msg)
        return self._at(self._starts[name], size) if size else b""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member piece by piece; other members may be read in between."""
        done, size = 0, self.sizes.get(name, 0)
        while done < size:
            piece = self._at(self._starts[name] + done, min(CHUNK, size - done))
            done += len(piece)
            yield piece

    def _at(self, offset: int, size: int) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) != size:
            msg = f"The archive ends too early, at offset {offset + len(data)}."
            raise ArchiveError(msg)
        return data

    def _members(self, total: int) -> Iterator[tuple[str, int, int]]:
        offset = 0
        while (block := self._at(offset, min(BLOCK, total - offset))) != bytes(BLOCK):
            name, size = _read_header(block, offset)
            start, end = offset + BLOCK, offset + BLOCK + size
            offset = end + -size % BLOCK
            if offset > total or any(self._at(end, offset - end)):
                msg = f"{name} is not followed by zeros up to the next block."
                raise ArchiveError(msg)
            yield name, start, size
        if total - offset != 2 * BLOCK or any(self._at(offset, 2 * BLOCK)):
            msg = f"The archive does not end in two blocks of zeros, at offset {offset}."
            raise ArchiveError(msg)


def _read_header(block: bytes, offset: int) -> tuple[str, int]:
    """Read a header by writing it again: only a header that we would write is taken."""
    name = block[:MAX_NAME].rstrip(b"\0").decode("ascii", "replace")
    digits = block[124:135]
    if len(block) < BLOCK or not re.fullmatch(rb"[0-7]{11}", digits):
        msg = f"There is no member of the archive at offset {offset}."
        raise ArchiveError(msg)
    size = int(digits, 8)
    wanted = _header(name, size)
    if block != wanted:
        place = next(place for place in range(BLOCK) if block[place] != wanted[place])
        msg = f"{name} is not a plain file without metadata: see offset {offset + place}."
        raise ArchiveError(msg)
    return name, size


def _header(name: str, size: int) -> bytes:
    if not NAME.match(name) or len(name) > MAX_NAME:
        msg = f"{name[:MAX_NAME]!r} cannot be a member's name."
        raise ArchiveError(msg)
    if size > MAX_MEMBER:
        msg = f"{name} has {size} bytes; {MAX_MEMBER} are the most."
        raise ArchiveError(msg)
    head = name.encode("ascii").ljust(MAX_NAME, b"\0")
    head += b"0000644\0" + b"0000000\0" + b"0000000\0" + b"%011o\0" % size + b"00000000000\0"
    tail = b"0" + bytes(100) + b"ustar\x0000" + bytes(32) + bytes(32) + b"0000000\0" + b"0000000\0" + bytes(155 + 12)
    checksum = sum(head) + 8 * ord(" ") + sum(tail)
    return head + b"%06o\0 " % checksum + tail
