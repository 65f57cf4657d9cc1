"""Credentials of connections, encrypted at rest with a key derived from SECRET_KEY."""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core.errors import ConsoleError


class SealedError(ConsoleError):
    """Stored credentials cannot be opened."""

    code, status, title = "sealed", 500, "Credentials cannot be read"


def seal(secret: Mapping[str, str]) -> bytes:
    """Encrypt credentials for the database; nothing for nothing."""
    if not secret:
        return b""
    return _box().encrypt(json.dumps(dict(secret), sort_keys=True).encode())


def unseal(sealed: bytes | memoryview) -> dict[str, str]:
    """Open what `seal` made.

    Raises:
        SealedError: The bytes were changed, or SECRET_KEY is another one than then.
    """
    if not bytes(sealed):
        return {}
    try:
        opened = json.loads(_box().decrypt(bytes(sealed)))
    except InvalidToken as error:
        detail = "The credentials were sealed under another SECRET_KEY. Set the old one, or connect the system again."
        raise SealedError(detail) from error
    return {str(name): str(value) for name, value in opened.items()}


def _box() -> Fernet:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"countersign connection credentials v1")
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))
