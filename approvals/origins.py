"""Where passkeys work: the relying party that the address of the console makes (WebAuthn Level 3, section 5)."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

NO_PASSKEYS = "Passkeys do not work at this address; use an SSH key or set PUBLIC_URL to an https address with a name."


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """What browsers bind passkeys to.

    Attributes:
        rp_id: the full host name; empty where passkeys cannot work.
        origins: exact origins, with port.
        problem: why passkeys do not work here, for people; empty where they do.
    """

    rp_id: str
    origins: tuple[str, ...]
    problem: str = ""


def signing_url() -> str:
    """The address where people sign: one of its own in production, where no page of the console can aim a ceremony."""
    return str(getattr(settings, "SIGN_URL", "") or settings.PUBLIC_URL)


def has_only_moved_port(before: str, after: str) -> bool:
    """Whether two origins are this same computer at another port, where any browser sees one and the same site."""
    one, other = urlsplit(before), urlsplit(after)
    return one.hostname == other.hostname == "localhost" and one.scheme == other.scheme


def relying_party(public_url: str) -> RelyingParty:
    """The relying party of an address: a name, over https or on this very computer; never a bare IP address."""
    parts = urlsplit(public_url)
    host = (parts.hostname or "").rstrip(".")
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        return RelyingParty(rp_id="", origins=(), problem=NO_PASSKEYS)
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return RelyingParty(rp_id=host, origins=(f"{parts.scheme}://{host}{port}",))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
