"""What a cosigner signs: a log's head, under the cosigner's name, at a time.

Source: https://c2sp.org/tlog-cosignature (C2SP/C2SP tlog-cosignature.md at 01194db), sections "Format", "Ed25519 signed
message" and "ML-DSA-44 signed message". The key id is the first four bytes of
SHA-256(name, newline, type, public key), with type 0x04 for Ed25519 (32 bytes) and 0x06 for ML-DSA-44 (1312 bytes).
A signature line carries `timestamped_signature`: eight bytes of POSIX time, big-endian, then the signature.

A log may use the ML-DSA-44 form for its own line (https://c2sp.org/tlog-checkpoint recommends it). Time 0 there says
that no time is claimed; ours does so, because the time of a head is for witnesses to say.
"""

import base64
import binascii
import struct

TIME_BYTES = 8
LABEL = b"subtree/v1\n\0"
MAX_TIME = 2**63 - 1


def ed25519_message(time: int, text: str) -> bytes:
    """The bytes under an Ed25519 cosignature of a checkpoint's text (type 0x04)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def ml_dsa_message(name: str, time: int, text: str) -> bytes:
    """The bytes under an ML-DSA-44 cosignature of a checkpoint's text (type 0x06): a `cosigned_message`.

    Args:
        name: the cosigner's; for a log's own line its origin.
        time: POSIX seconds, or 0 when none is claimed.
        text: the checkpoint's text; lines after the third are not signed.

    Raises:
        ValueError: The text is not that of a checkpoint, or a name has no or more than 255 bytes.
    """
    origin, size, root = _head(text)
    start = 0
    return b"".join(
        (LABEL, _opaque(name), struct.pack(">Q", time), _opaque(origin), struct.pack(">QQ", start, size), root)
    )


def packed(time: int, signature: bytes) -> bytes:
    """A `timestamped_signature`."""
    return struct.pack(">Q", time) + signature


def unpacked(data: bytes) -> tuple[int, bytes]:
    """The time and the signature of a `timestamped_signature`.

    Raises:
        ValueError: It is too short, or its time is beyond 2^63 - 1.
    """
    if len(data) <= TIME_BYTES:
        msg = "A cosignature is a time of eight bytes and a signature."
        raise ValueError(msg)
    (time,) = struct.unpack(">Q", data[:TIME_BYTES])
    if time > MAX_TIME:
        msg = "The time of a cosignature is beyond 2^63 - 1."
        raise ValueError(msg)
    return time, data[TIME_BYTES:]


def _head(text: str) -> tuple[str, int, bytes]:
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        msg = "Only the text of a checkpoint can be cosigned."
        raise ValueError(msg)
    origin, size, root = lines[:3]
    try:
        digest = base64.b64decode(root, validate=True)
    except binascii.Error as error:
        msg = "The checkpoint's root is not base64."
        raise ValueError(msg) from error
    if not size.isascii() or not size.isdigit() or str(int(size)) != size or int(size) > MAX_TIME or len(digest) != 32:
        msg = "The checkpoint's size or root is malformed."
        raise ValueError(msg)
    return origin, int(size), digest


def _opaque(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) < 256:
        msg = "A name in a cosignature has 1 to 255 bytes."
        raise ValueError(msg)
    return bytes([len(data)]) + data
