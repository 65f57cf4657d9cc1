"""The one form of an archive: plain ustar, regular files, all metadata zero, so that every byte is accounted for."""

import re
from collections.abc import Iterator, Mapping

BLOCK = 512
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")
MAX_NAME = 100
MAX_MEMBER = 256 * 2**20
MAX_TOTAL = 2**30
MAX_MEMBERS = 200_000


class ArchiveError(ValueError):
    """The bytes are not an archive in its one form; the message names the member or the offset."""


def write(members: Mapping[str, bytes]) -> bytes:
    """Put members into an archive, in the order of the mapping.

    Raises:
        ArchiveError: A name or a size is outside what can be read back.
    """
    if len(members) > MAX_MEMBERS:
        msg = f"The archive would have {len(members)} members; {MAX_MEMBERS} are the most."
        raise ArchiveError(msg)
    parts = []
    for name, content in members.items():
        parts += [_header(name, len(content)), content, bytes(-len(content) % BLOCK)]
    return b"".join(parts) + bytes(2 * BLOCK)


def read(data: bytes) -> dict[str, bytes]:
    """Take an archive apart, having made sure that it equals its own re-serialisation.

    Raises:
        ArchiveError: It does not.
    """
    if len(data) > MAX_TOTAL:
        msg = f"The archive has {len(data)} bytes; {MAX_TOTAL} are the most."
        raise ArchiveError(msg)
    members: dict[str, bytes] = {}
    for name, start, end in _members(data):
        if name in members:
            msg = f"{name} is in the archive twice."
            raise ArchiveError(msg)
        if len(members) == MAX_MEMBERS:
            msg = f"The archive has more than {MAX_MEMBERS} members."
            raise ArchiveError(msg)
        members[name] = data[start:end]
    return members


def _members(data: bytes) -> Iterator[tuple[str, int, int]]:
    offset = 0
    while (block := data[offset : offset + BLOCK]) != bytes(BLOCK):
        name, size = _read_header(block, offset)
        start, end = offset + BLOCK, offset + BLOCK + size
        offset = end + -size % BLOCK
        if offset > len(data) or any(data[end:offset]):
            msg = f"{name} is not followed by zeros up to the next block."
            raise ArchiveError(msg)
        yield name, start, end
    if data[offset:] != bytes(2 * BLOCK):
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
