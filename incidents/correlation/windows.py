"""Which maintenance window hides an alert, and what keeps agents from acting on a service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class Kind(StrEnum):
    """MAINTENANCE hides alerts and keeps agents' hands off; FREEZE hides nothing and keeps agents' hands off."""

    MAINTENANCE = "maintenance"
    FREEZE = "freeze"


ALWAYS_THROUGH = "critical"
"""The severity that no window hides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window as a value. What is empty narrows nothing.

    Attributes:
        labels: each must be there; `*` in a value stands for any text.
        is_over: it was ended by hand or has been settled, whatever a clock says later.
    """

    id: int
    kind: Kind
    why: str
    starts_at: datetime
    until: datetime
    services: frozenset[str] = frozenset()
    environment: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    is_over: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether it is in force at this moment."""
        return not self.is_over and self.starts_at <= now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a window looks at in an alert."""

    service: str
    environment: str
    severity: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The window that hides an alert, and why in a sentence."""

    window: int
    why: str


def covers(window: Window, signal: Signal) -> bool:
    """Whether a window is about this alert, by service, environment and labels; all that it names must fit."""
    if window.services and signal.service not in window.services:
        return False
    if window.environment and signal.environment != window.environment:
        return False
    return all(fnmatchcase(signal.labels.get(name, ""), wanted) for name, wanted in window.labels.items())


def hiding(signal: Signal, windows: Iterable[Window], now: datetime) -> Hidden | None:
    """The open maintenance window that hides an alert: of several, the one that ends last. S1 is never hidden."""
    if signal.severity == ALWAYS_THROUGH:
        return None
    found = [one for one in windows if one.kind is Kind.MAINTENANCE and one.is_open(now) and covers(one, signal)]
    if not found:
        return None
    last = max(found, key=lambda one: (one.until, one.id))
    return Hidden(window=last.id, why=reason(last))


def reason(window: Window) -> str:
    """Why an alert is hidden by this window."""
    return f"Hidden until {_moment(window.until)} by maintenance: {window.why}"


def hands_off(service: str, environment: str, windows: Sequence[Window], now: datetime) -> str:
    """Why agents must not act on a service now: a sentence, or nothing. A freeze is named before a maintenance.

    Labels do not narrow this: a service that people work on in part is a service that people work on. A window
    by labels alone says nothing about services and holds no agent back.
    """
    found = [one for one in windows if one.is_open(now) and _holds_back(one, service, environment)]
    if not found:
        return ""
    first = min(found, key=lambda one: (one.kind is not Kind.FREEZE, -one.until.timestamp(), one.id))
    what = "Changes are frozen" if first.kind is Kind.FREEZE else "People work on it"
    return f"{what} on {environment}/{service} until {_moment(first.until)}: {first.why} A person must decide."


def _holds_back(window: Window, service: str, environment: str) -> bool:
    if window.services and service not in window.services:
        return False
    if window.environment and environment != window.environment:
        return False
    return bool(window.services or window.environment) or not window.labels


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
