"""Which addresses may be posted to. Pure: names are resolved elsewhere, and what comes of it is judged here.

Source: RFC 6890 and its registries for what is not public; the clouds' own pages for where they serve credentials.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import BadInputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 500
METADATA = frozenset(
    ipaddress.ip_address(one)
    for one in ("169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23",
                "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)  # fmt: skip
"""Where clouds hand credentials to whoever asks from inside: refused even within a listed network."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Read the address of a webhook.

    Raises:
        BadInputError: It is no plain http or https address.
    """
    if not url or len(url) > LONGEST or not all("!" <= letter <= "~" for letter in url) or "\\" in url:
        detail = f"The address has at most {LONGEST} printable ASCII characters; write other names as xn--…"
        raise BadInputError(detail)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        detail = "This is no address. Write one such as https://example.com/hook."
        raise BadInputError(detail) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        detail = "Write an address that begins with https:// and names a host, such as https://example.com/hook."
        raise BadInputError(detail)
    if parts.username is not None or parts.password is not None or parts.fragment:
        detail = "The address takes no user, no password and no fragment. What proves the sender is the signature."
        raise BadInputError(detail)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=parts.scheme, host=parts.hostname, port=port or (443 if parts.scheme == "https" else 80), path=path
    )


def refusal(target: Target, found: Sequence[str], listed: Sequence[Network]) -> str:
    """Why nothing may be sent to a host that resolves to these addresses; empty where it may.

    One address that is refused refuses the host: otherwise a name with two answers would be a coin to toss.
    """
    if not found:
        return f"{target.host} has no address."
    for text in found:
        addresses = meant(ipaddress.ip_address(text.partition("%")[0]))
        if why := _why_not(target, addresses, listed):
            return why
    return ""


def meant(address: Address) -> tuple[Address, ...]:
    """The address itself, and any that is wrapped in it, by which a gateway would go on."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    wrapped: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64 or address in LOCAL_NAT64 or int(address) >> 32 == 0:
        wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return (address, *(one for one in wrapped if one is not None))


def _why_not(target: Target, addresses: Sequence[Address], listed: Sequence[Network]) -> str:
    if any(one in METADATA for one in addresses):
        return f"{target.host} leads to where a cloud keeps its credentials. That is never posted to."
    if any(_is_within(one, listed) for one in addresses):
        return ""
    if not all(_is_public(one) for one in addresses):
        return (
            f"{target.host} leads to {addresses[0]}, which is not public. "
            "List its network in WEBHOOK_NETWORKS if this is meant."
        )
    if target.scheme != "https":
        return "Write https://; without it only networks listed in WEBHOOK_NETWORKS are posted to."
    return ""


def _is_within(address: Address, listed: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in listed)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address in NAT64:
            return True  # the address inside is judged by itself
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
