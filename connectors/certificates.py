"""Client certificates that sources are held to, by the SHA-256 of the whole certificate. Pure.

A certificate's subject is what its maker writes into it, so it says nothing; the digest covers the public key, and the
TLS handshake shows that who presents the certificate holds the private one.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from core import clock
from core.errors import BadInputError

SOON: Final = timedelta(days=21)
"""Before its end, people are told of a certificate."""
MOST: Final = 10
LARGEST: Final = 20_000
SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate, as far as it is known.

    Attributes:
        sha256: of its DER, in hex.
        ends_at: when it expires; None where only the digest is known.
    """

    sha256: str
    ends_at: datetime | None = None

    def as_json(self) -> dict[str, str]:
        """As it is stored."""
        return {"sha256": self.sha256, "ends_at": clock.rfc3339(self.ends_at) if self.ends_at else ""}

    @property
    def sentence(self) -> str:
        """For people."""
        until = f"until {clock.rfc3339(self.ends_at)}" if self.ends_at else "(its expiry is not known)"
        return f"{self.sha256} {until}"


def left_of(certificates: Iterable[Certificate], now: datetime) -> timedelta | None:
    """How long the last of a source's certificates is still good for, where that is soon; negative once it has ended.

    None where there is time, or none, or one of which the expiry is not known.
    """
    ends = [one.ends_at for one in certificates]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    left = max(known) - now
    return left if left < SOON else None


def certificate_of(der: bytes) -> x509.Certificate:
    """Read a certificate.

    Raises:
        BadInputError: It is none.
    """
    try:
        if len(der) <= LARGEST:
            return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        pass
    detail = "This is no X.509 certificate in DER."
    raise BadInputError(detail)


def digest_of(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate, in hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def told(text: str) -> Certificate:
    """A certificate as a person gives it: in PEM, of which the first counts, or as its SHA-256 in hex.

    Raises:
        BadInputError: It is neither.
    """
    plain = text.strip().replace(":", "").lower()
    if SHA256.fullmatch(plain):
        return Certificate(sha256=plain)
    try:
        found = x509.load_pem_x509_certificate(text.encode())
        return Certificate(sha256=digest_of(found), ends_at=found.not_valid_after_utc)
    except (ValueError, x509.InvalidVersion) as error:
        detail = "This is neither a certificate in PEM nor a SHA-256 in hex (openssl x509 -noout -fingerprint -sha256)."
        raise BadInputError(detail) from error


def stored(values: Sequence[dict[str, str]]) -> list[Certificate]:
    """What `as_json` made."""
    return [
        Certificate(sha256=one["sha256"], ends_at=datetime.fromisoformat(one["ends_at"]) if one["ends_at"] else None)
        for one in values
    ]
