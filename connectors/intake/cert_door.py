"""Client certificates at the door: TLS ends at a proxy, which says in `Client-Cert` (RFC 9440) who was there.

Whoever can connect to us can write that header, so it is believed from the proxies in TLS_PROXIES alone; from anybody
else it is as if it were not there.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from django.conf import settings

from connectors import certificates
from connectors.models import Source
from core import clock
from core.errors import BadInputError, ConsoleError

HEADER: Final = "client-cert"
BYTES: Final = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
"""A Byte Sequence of RFC 8941, and nothing else: two header fields, joined by a comma, are none."""


class CertificateMissingError(ConsoleError):
    """No client certificate, or none that one could believe."""

    code, status, title = "client-certificate-missing", 401, "A client certificate is needed"


class CertificateMalformedError(ConsoleError):
    """What stands in Client-Cert is no certificate."""

    code, status, title = "client-certificate-malformed", 401, "The client certificate cannot be read"


class CertificateUnknownError(ConsoleError):
    """A certificate that is not this source's."""

    code, status, title = "client-certificate-unknown", 401, "Another client certificate is needed"


class CertificateExpiredError(ConsoleError):
    """The right certificate at the wrong time."""

    code, status, title = "client-certificate-expired", 401, "The client certificate is not valid now"


def require_certificate(source: Source, headers: Mapping[str, str], peer: str) -> None:
    """Refuse who does not come with one of the source's certificates, where it is held to any.

    Args:
        source: with the certificates it is held to.
        headers: by lower-case name.
        peer: the address at the other end of our connection; empty where it is not known.

    Raises:
        CertificateMissingError: There is none, or it does not come from a proxy of ours.
        CertificateMalformedError: It cannot be read.
        CertificateUnknownError: It is another one, whatever its subject.
        CertificateExpiredError: It is not valid yet, or no longer.
    """
    if not source.certificates:
        return
    said = headers.get(HEADER, "") if _is_proxy(peer, headers) else ""
    if not said:
        detail = "This source takes posts with its client certificate alone, by way of the proxy that ends TLS."
        raise CertificateMissingError(detail)
    found = BYTES.fullmatch(said)
    try:
        presented = certificates.certificate_of(base64.b64decode(found[1] if found else "", validate=True))
    except (BadInputError, binascii.Error) as error:
        detail = "The Client-Cert must be one certificate in DER as a Byte Sequence, `:base64:`."
        raise CertificateMalformedError(detail) from error
    digest = certificates.digest_of(presented)
    known = [hmac.compare_digest(digest, one.sha256) for one in certificates.stored(source.certificates)]
    if not any(known):
        detail = f"The client certificate {digest} is none of this source's."
        raise CertificateUnknownError(detail)
    if not presented.not_valid_before_utc <= clock.now() <= presented.not_valid_after_utc:
        until = clock.rfc3339(presented.not_valid_after_utc)
        detail = f"The client certificate is valid from {clock.rfc3339(presented.not_valid_before_utc)} until {until}."
        raise CertificateExpiredError(detail)


def _is_proxy(peer: str, headers: Mapping[str, str]) -> bool:
    """Whether a proxy of ours is at the other end, as the connection itself says.

    A server that puts an address out of X-Forwarded-For in its place (uvicorn does, unless it is told not to) makes it
    hearsay; an address that stands there too is not believed.
    """
    address = _address(peer)
    if address is None or address in set(_heard(headers.get("x-forwarded-for", ""))):
        return False
    return any(address in network for network in settings.TLS_PROXIES)


def _heard(forwarded: str) -> Iterator[IPv4Address | IPv6Address | None]:
    """Every address that can be read out of X-Forwarded-For, with a port and in brackets too."""
    for entry in forwarded.split(","):
        said = entry.strip()
        yield _address(said)
        yield _address(said.rpartition(":")[0])
        yield _address(said.removeprefix("[").partition("]")[0])


def _address(said: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(said)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
