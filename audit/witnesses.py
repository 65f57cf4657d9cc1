"""The witnesses that this installation asks: other people's programs that see the log only grow (C2SP tlog-witness)."""

import socket
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from proof.note import ED25519, NoteError, VerifierKey, parse_verifier_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Where a witness answers, and by which keys one knows it."""

    url: str
    keys: tuple[VerifierKey, ...]

    @property
    def name(self) -> str:
        """The name under which it signs."""
        return self.keys[0].name


def configured() -> tuple[Witness, ...]:
    """The witnesses of the setting WITNESSES: `URL VKEY [VKEY]`, comma-separated.

    Raises:
        ImproperlyConfigured: One is written differently.
    """
    return _read(settings.WITNESSES)


def keys() -> list[str]:
    """The verifier keys of all of them, for the registry."""
    return sorted(str(key) for witness in configured() for key in witness.keys)


def outside() -> int:
    """How many of them are on another machine, by all that one can tell from here.

    A witness at an address of this host shares its administrator, and shows nothing to anybody who doubts them.
    """
    return sum(not _is_here(witness.url) for witness in configured())


@cache
def _read(text: str) -> tuple[Witness, ...]:
    found = [_witness(item.split()) for item in text.split(",") if item.strip()]
    names = [witness.name for witness in found]
    if len(set(names)) != len(names):
        detail = "WITNESSES names a witness twice."
        raise ImproperlyConfigured(detail)
    return tuple(found)


def _witness(words: list[str]) -> Witness:
    url, keys = words[0].rstrip("/"), words[1:]
    try:
        parsed = tuple(parse_verifier_key(key) for key in keys)
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and parts.port != 0
    except (NoteError, ValueError) as error:
        detail = f"WITNESSES, {url}: {error}"
        raise ImproperlyConfigured(detail) from error
    if not fits or not parsed or len({key.name for key in parsed}) != 1 or any(key.kind == ED25519 for key in parsed):
        detail = f"WITNESSES, {url[:80]!r}: write URL and verifier keys of one cosigner, as the witness prints them."
        raise ImproperlyConfigured(detail)
    return Witness(url=url, keys=parsed)


def _is_here(url: str) -> bool:
    """Whether the address is one of this host's; one that cannot be resolved may be anywhere, so it does not count."""
    host = urlsplit(url).hostname or ""
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return True
    return any(ip_address(address).is_loopback or _is_own(address) for address in found)


def _is_own(address: str) -> bool:
    """Only addresses of this host can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
