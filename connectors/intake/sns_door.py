"""Messages of Amazon SNS at the door: fresh, and signed with a certificate that Amazon itself serves."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509

from connectors import http
from connectors.sources.cloud import sns
from core import clock
from core.errors import ConsoleError

OLDEST: Final = timedelta(minutes=65)
"""SNS itself tries for an hour at most."""
AHEAD: Final = timedelta(minutes=5)
KEPT_S: Final = 24 * 3600.0
MISSED_S: Final = 30.0
MOST_KEPT: Final = 32
MOST_FETCHES: Final = 20
"""A minute and a process: whoever knows an address of ours cannot make us call Amazon all day."""
TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 64_000


class BadSignatureError(ConsoleError):
    """A message that is not signed as it says."""

    code, status, title = "bad-signature", 401, "Wrong signature"


class StaleMessageError(ConsoleError):
    """A message too old, or from the future."""

    code, status, title = "stale-message", 401, "Too old"


class CertificateUnreachableError(ConsoleError):
    """The signature cannot be checked now; the sender should come again."""

    code, status, title = "certificate-unreachable", 503, "Cannot check the signature now"


@dataclass(slots=True)
class _Shelf:
    """Certificates that were fetched (empty: there is none), each with when to ask again."""

    held: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    fetched: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_FETCHES))


_shelf = _Shelf()


def verdict_on(body: bytes) -> str:
    """What is to be noted of a body: `sns` for a message that is rightly signed, nothing for one without an envelope.

    The body has passed the strict parser; it is read again here because what is signed is the text before scrubbing.

    Raises:
        BadSignatureError: The signature or the certificate is not right.
        StaleMessageError: It was signed too long ago.
        CertificateUnreachableError: Amazon did not answer.
    """
    message = json.loads(body)
    if not sns.is_envelope(message):
        return ""
    _require_fresh(message)
    url = message.get("SigningCertURL")
    if not isinstance(url, str) or not sns.certificate_url_ok(url):
        detail = "The SigningCertURL is none of Amazon SNS."
        raise BadSignatureError(detail)
    pem = _certificate(url)
    if not _is_valid_now(pem) or not sns.verify(message, pem):
        detail = "The message is not signed by the certificate that it names."
        raise BadSignatureError(detail)
    return sns.VERDICT


def forget() -> None:
    """Fetch certificates anew."""
    _shelf.held.clear()
    _shelf.fetched.clear()


def _require_fresh(message: dict[str, Any]) -> None:
    try:
        at = datetime.fromisoformat(str(message.get("Timestamp")))
        age = clock.now() - at
    except (ValueError, TypeError, OverflowError) as error:
        detail = "The message's Timestamp is no time with a zone."
        raise StaleMessageError(detail) from error
    if age > OLDEST or age < -AHEAD:
        detail = f"The message was signed at {clock.rfc3339(at)}; at most {OLDEST.seconds // 60} minutes are allowed."
        raise StaleMessageError(detail)


def _certificate(url: str) -> bytes:
    pem, until = _shelf.held.get(url, (b"", 0.0))
    if clock.monotonic() < until:
        return pem
    pem = _fetch(url)
    while len(_shelf.held) >= MOST_KEPT:
        _shelf.held.pop(next(iter(_shelf.held)), None)
    _shelf.held[url] = (pem, clock.monotonic() + (KEPT_S if pem else MISSED_S))
    return pem


def _fetch(url: str) -> bytes:
    """The certificate at an address that was found to be Amazon's; empty where there is none."""
    now = clock.monotonic()
    if len(_shelf.fetched) == MOST_FETCHES and now - _shelf.fetched[0] < 60:
        detail = "Too many certificates were asked for in the last minute. Send this again."
        raise CertificateUnreachableError(detail)
    _shelf.fetched.append(now)
    try:
        reply = http.send("GET", url, timeout_s=TIMEOUT_S, max_bytes=MOST_BYTES)
    except http.UnreachableError as error:
        detail = f"The certificate of the signature was not to be had: {error.detail} Send this again."
        raise CertificateUnreachableError(detail) from error
    if reply.status >= 500:
        detail = f"Amazon answered {reply.status} when asked for the certificate. Send this again."
        raise CertificateUnreachableError(detail)
    return reply.body if reply.is_ok else b""


def _is_valid_now(pem: bytes) -> bool:
    try:
        found = x509.load_pem_x509_certificate(pem)
    except ValueError:
        return False
    return found.not_valid_before_utc <= clock.now() <= found.not_valid_after_utc
