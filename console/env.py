"""Read settings from environment variables: typed, documented, `NAME_FILE` for secrets, misspellings refused."""

import json
import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})

names: dict[str, str] = {}
"""Every name read so far with its default; a test compares it with docs/settings.md."""


def text(name: str, default: str = "") -> str:
    """A string. `NAME_FILE` may name a file that holds it.

    Raises:
        ImproperlyConfigured: NAME_FILE cannot be read.
    """
    names[name] = default
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            detail = f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            raise ImproperlyConfigured(detail) from error
    return os.environ.get(name, default)


def address(name: str, default: str, running: Path) -> str:
    """As `text`; where it is not set, the address of the console that runs here, which `up` writes to this file."""
    said = text(name, default)
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return said
    try:
        found = json.loads(running.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return said
    url = found.get("url") if isinstance(found, dict) else None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else said


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or no.

    Raises:
        ImproperlyConfigured: Neither yes nor no.
    """
    value = text(name, "yes" if default else "no").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    detail = f"{name} is {value!r}; write yes or no."
    raise ImproperlyConfigured(detail)


def number(name: str, default: float) -> float:
    """A number, in the unit that the name ends in.

    Raises:
        ImproperlyConfigured: Not a number.
    """
    value = text(name, f"{default:g}")
    try:
        return float(value)
    except ValueError as error:
        detail = f"{name} is {value!r}; write a number."
        raise ImproperlyConfigured(detail) from error


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of networks, such as `10.0.0.0/8,fd00::/8`.

    Raises:
        ImproperlyConfigured: One of them is none.
    """
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        detail = f"{name}: {error}; write networks such as 10.0.0.0/8."
        raise ImproperlyConfigured(detail) from error


def database(name: str, default_path: Path) -> dict[str, object]:
    """A Django database from a URL such as `postgresql://user:password@host:5432/name`; without one, SQLite.

    Raises:
        ImproperlyConfigured: A scheme other than postgresql or sqlite.
    """
    url = text(name)
    if not url:
        return sqlite(default_path)
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgresql", "postgres"}:
        detail = f"{name} starts with {parts.scheme!r}; write postgresql://user:password@host:5432/name."
        raise ImproperlyConfigured(detail)
    return {
        "ENGINE": "core.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Under ASGI every request thread would keep a connection of its own; the pool bounds them. Whoever finds none
        # in time, since the server is gone, is told so while they still wait for an answer.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 8, "timeout": 5}},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where mail is handed over; no host means that none is sent."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail(name: str) -> Mail:
    """A mail server from a URL: `smtp://host:25`, `smtp+tls://user:password@host:587`, or `smtps://…:465`.

    Raises:
        ImproperlyConfigured: Another scheme, or no host.
    """
    url = text(name)
    if not url:
        return Mail()
    parts, ports = urlparse(url), {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        detail = f"{name} starts with {parts.scheme!r}; write smtp://, smtp+tls:// or smtps:// and a host."
        raise ImproperlyConfigured(detail)
    return Mail(
        host=parts.hostname,
        port=parts.port or ports[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+tls",
        tls=parts.scheme == "smtps",
    )


def sqlite(path: Path) -> dict[str, object]:
    """SQLite as the embedded mode needs it: one writer at a time without 'database is locked', durable on commit."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "TEST": {"NAME": f"{path}.test"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA busy_timeout=20000;PRAGMA recursive_triggers=ON;"
            ),
        },
    }
