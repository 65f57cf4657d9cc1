"""What a connector can be: protocols, and the values that cross the border."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from core.errors import ConsoleError
from incidents.events import AlertEvent


class ReaderError(ConsoleError):
    """An outside system could not be read; the sentence says which, why and what to look at."""

    code, status, title = "reader-failed", 502, "Could not read"


class ActuatorError(ConsoleError):
    """An outside system did not do what was asked.

    `facts["uncertain"]` is true where the act may have happened all the same: look for its mark before trying again.
    """

    code, status, title = "actuator-failed", 502, "Could not act"


class Outcome(StrEnum):
    """What a delivery turned out to be."""

    EVENTS = "events"
    IGNORED = "ignored"
    CONTROL = "control"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDelivery:
    """A delivery as an adapter sees it.

    Attributes:
        source: slug of the source; it enters fingerprints.
        value: the body after the strict parser.
    """

    uid: str
    source: str
    received_at: datetime
    value: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What an adapter understood; warnings are sentences, `reply` what a handshake wants to hear."""

    outcome: Outcome
    events: tuple[AlertEvent, ...] = ()
    warnings: tuple[str, ...] = ()
    reply: str = ""


@runtime_checkable
class AlertSource(Protocol):
    """Reads one wire format of webhooks. Pure: it neither stores nor fetches."""

    slug: str
    title: str

    def parse(self, delivery: RawDelivery) -> Parsed:
        """Understand a body, or say in the first warning why not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One time series: points are (seconds since the epoch, value), ascending, finite values only."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a log; `at` is None where the line does not say."""

    at: datetime | None
    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A change to a repository; `diff` is cut at a limit, and says so."""

    sha: str
    at: datetime
    author: str
    subject: str
    files: tuple[str, ...]
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What an act would do, without doing it."""

    applies: bool
    sentence: str
    diff: str = ""
    files: tuple[str, ...] = ()


@runtime_checkable
class MetricReader(Protocol):
    """Reads numbers over time."""

    def range(self, query: str, *, start: datetime, end: datetime, step_s: float) -> list[Series]:
        """Every series that the query selects between two moments."""
        ...

    def instant(self, query: str) -> float | None:
        """The value now; None where there is none."""
        ...


@runtime_checkable
class LogReader(Protocol):
    """Reads what a process said."""

    def tail(self, process: str, *, max_bytes: int) -> list[LogLine]:
        """The last lines of a process's log, oldest first."""
        ...


@runtime_checkable
class ChangeReader(Protocol):
    """Reads what was changed."""

    def recent(self, since: datetime) -> list[Commit]:
        """The commits since a moment, newest first."""
        ...


@runtime_checkable
class Actuator(Protocol):
    """Acts on an outside system; every act leaves a mark with its idempotency key where it acts."""

    def look(self, key: str, step_params: Mapping[str, str]) -> dict[str, Any] | None:
        """The mark that an act with this key left, or None if it never happened."""
        ...

    def act(self, params: Mapping[str, str], key: str, timeout_s: float) -> dict[str, Any]:
        """Act once, wait for the effect, return the result."""
        ...

    def probe(self, name: str, params: Mapping[str, str]) -> str:
        """A fact about the target as one word, to be compared with what a plan expects."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """What a planner gets of an actuator: it can ask, and try without doing.

    Attributes:
        probe: a fact about the target.
        dry_run: what the act would change; None where the tool cannot say.
        may_act: whether our account may do it at all; None where the tool cannot say.
    """

    probe: Callable[[str, Mapping[str, str]], str]
    dry_run: Callable[[Mapping[str, str]], DryRun] | None
    may_act: Callable[[Mapping[str, str]], DryRun] | None = None


def param(params: Mapping[str, str], name: str) -> str:
    """A parameter that an act cannot do without.

    Raises:
        ActuatorError: It is missing or empty.
    """
    value = str(params.get(name) or "")
    if not value:
        detail = f"The parameter {name} is missing."
        raise ActuatorError(detail, param=name)
    return value


def first(names: Sequence[str], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON from outside
    """The first of several fields that is there."""
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)
