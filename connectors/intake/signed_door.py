"""Bodies that a sender signs with a secret of the connection: HMAC-SHA256 over the time, a full stop and the body.

The address of a hook holds a token already. The signature is for senders whose requests pass through other people's
logs: whoever reads the address there still cannot send in their name.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from connectors.models import Connection, Source
from connectors.registry import TICKETS
from connectors.secrets import unseal
from core import clock
from core.errors import BadInputError, NotSignedInError

TIME: Final = "X-Countersign-Timestamp"
SIGNATURE: Final = "X-Countersign-Signature"
NEARBY_S: Final = 300
SHORTEST: Final = 32


def require_signed(source: Source, headers: Mapping[str, str], body: bytes) -> None:
    """Refuse what is not signed, where the connection behind the source has a secret for it. Names are lower case.

    Raises:
        NotSignedInError: No signature, a wrong one, or one of another time.
    """
    if source.kind not in TICKETS:
        return
    connections = Connection.objects.filter(kind=source.kind, is_active=True, config__source=source.slug)
    secrets = [secret for one in connections if (secret := unseal(one.secret).get("hmac"))]
    if secrets and not any(_is_signed(key_of(secret), headers, body) for secret in secrets):
        detail = f"{SIGNATURE} must sign the time in {TIME}, which must be of now, and the body."
        raise NotSignedInError(detail)


def key_of(secret: str) -> bytes:
    """The key in a secret, which is base64 as ServiceNow's `generateMac` takes it.

    Raises:
        BadInputError: It is none, or too short to be one.
    """
    try:
        key = base64.b64decode(secret, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) < SHORTEST:
        detail = f"The secret must be at least {SHORTEST} random bytes in base64: openssl rand -base64 32"
        raise BadInputError(detail)
    return key


def _is_signed(key: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    at, said = headers.get(TIME.lower(), ""), headers.get(SIGNATURE.lower(), "")
    if not (at.isascii() and at.isdigit()) or len(at) > 12 or abs(clock.timestamp() - int(at)) > NEARBY_S:
        return False
    right = base64.b64encode(hmac.new(key, at.encode() + b"." + body, hashlib.sha256).digest())
    return hmac.compare_digest(right, said.encode("utf-8", "surrogatepass"))
