"""What a connector hands over: one transition of one alert, in our words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core import clock


class Status(StrEnum):
    """What a sender says about an alert; `unclassified` when its words are not known."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    SUPPRESSED = "suppressed"
    PENDING = "pending"
    UNCLASSIFIED = "unclassified"

    @property
    def is_live(self) -> bool:
        """Whether the symptom is there now and needs somebody."""
        return self in {Status.FIRING, Status.ACKNOWLEDGED}


class Severity(StrEnum):
    """How bad the sender says it is; worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    WARNING = "warning"
    INFO = "info"


LEVELS = {Severity.CRITICAL: "S1", Severity.HIGH: "S2", Severity.WARNING: "S3", Severity.INFO: "S4"}


def level(severity: str) -> str:
    """The incident severity of an alert's word: critical is S1, high S2, warning S3, info S4.

    Raises:
        ValueError: The word is none of ours.
    """
    return LEVELS[Severity(severity)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The thing an alert is about, below the service: a pod, a host, an instance."""

    type: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The measurement behind an alert. Units are UCUM."""

    name: str
    value: float | None = None
    unit: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An http(s) address that the sender gives, such as its graph or its runbook."""

    rel: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """One transition of one alert. Every text is NFC without NUL and within its limit; every number is finite.

    Attributes:
        source: slug of the source, from the endpoint and never from the body.
        fingerprint: `v1:` and a SHA-256 over source and the sender's identifying fields.
        severity_source: `payload`, `map` (theirs, translated) or `default` (the sender said nothing usable).
        at: event time, by which late and out-of-order events are recognised.
        starts_at: as told by the sender, UTC; `starts_at_quality` is given, parsed, implausible (only shown), absent.
        received_at: our own clock, when the delivery was accepted.
        delivery_id: the raw delivery that says so.
    """

    event_id: str
    delivery_id: str
    source: str
    fingerprint: str
    status: Status
    severity: Severity
    title: str
    at: datetime
    received_at: datetime
    kind: str = "alert"
    source_event_id: str = ""
    severity_raw: str = ""
    severity_source: str = "default"
    description: str = ""
    resource: Resource | None = None
    service: str = ""
    environment: str = ""
    region: str = ""
    team: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    metric: Metric | None = None
    links: tuple[Link, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    starts_at_quality: str = "absent"

    @property
    def began_at(self) -> datetime | None:
        """When it began, where the sender's word for it is plausible."""
        return None if self.starts_at_quality == "implausible" else self.starts_at

    def as_json(self) -> dict[str, Any]:
        """JSON-ready, for commands and pages; times as RFC 3339."""
        values = asdict(self)
        for name in ("at", "received_at", "starts_at", "ends_at"):
            values[name] = clock.rfc3339(values[name]) if values[name] is not None else None
        return values
