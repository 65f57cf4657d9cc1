"""Bytes as text, in exactly one spelling each."""

import base64
import binascii


class BinaryError(ValueError):
    """The text is not the one spelling of any bytes."""


def b64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64url(data: bytes) -> str:
    """URL-safe base64 without padding, as WebAuthn writes it."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def unb64(text: str) -> bytes:
    """Read standard base64.

    Raises:
        BinaryError: It would not be written back as the same text.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "This is not base64."
        raise BinaryError(msg) from error
    if b64(data) != text:
        msg = "This base64 is not in its one form."
        raise BinaryError(msg)
    return data


def unb64url(text: str) -> bytes:
    """Read URL-safe base64 without padding.

    Raises:
        BinaryError: It would not be written back as the same text.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "This is not URL-safe base64."
        raise BinaryError(msg) from error
    if b64url(data) != text:
        msg = "This URL-safe base64 is not in its one form."
        raise BinaryError(msg)
    return data
