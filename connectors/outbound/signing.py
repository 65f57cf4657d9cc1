"""Signatures over what is sent, as Standard Webhooks writes them.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def written(key: bytes) -> str:
    """A secret as people copy it."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def key_of(secret: str) -> bytes:
    """The bytes behind a secret."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signature(secrets: Sequence[str], *, message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret that counts now, the newest first."""
    signed = b".".join((message_id.encode("ascii"), str(timestamp).encode("ascii"), body))
    made = (hmac.new(key_of(secret), signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(one).decode('ascii')}" for one in made)
