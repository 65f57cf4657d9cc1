"""Alertmanager webhooks, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config .

One delivery is a group: several alerts, each with its own status, which is the one that counts. Alertmanager repeats
what still fires every `repeat_interval` and retries after 5xx only.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors import reading
from connectors.base import Outcome, Parsed, RawDelivery, first
from connectors.reading import Notes
from incidents.events import AlertEvent, Link, Resource, Severity, Status

STATUSES = {"firing": Status.FIRING, "resolved": Status.RESOLVED}
SERVICE = (
    "service",
    "service_name",
    "app",
    "app_kubernetes_io_name",
    "app.kubernetes.io/name",
    "application",
    "job",
    "deployment",
)
ENVIRONMENT = ("environment", "env", "deployment_environment", "stage")
RESOURCES = ("pod", "container", "instance", "node", "host", "hostname", "device")
MOST_ALERTS = 5000


class Alertmanager:
    """An `AlertSource`."""

    slug = "alertmanager"
    title = "Prometheus Alertmanager"

    def parse(self, delivery: RawDelivery) -> Parsed:
        """Understand one group of alerts."""
        body = reading.mapping(delivery.value)
        alerts = body.get("alerts")
        if not isinstance(alerts, list):
            return Parsed(
                outcome=Outcome.REJECT, warnings=("There is no list `alerts`; this is no Alertmanager webhook.",)
            )
        if not alerts:
            return Parsed(outcome=Outcome.IGNORED, warnings=("The group holds no alerts.",))
        notes = Notes()
        _look_at_envelope(body, len(alerts), notes)
        usable = [alert for alert in alerts[:MOST_ALERTS] if isinstance(alert, Mapping)]
        if len(usable) < len(alerts):
            notes.add(
                f"{len(alerts) - len(usable)} of {len(alerts)} alerts are no objects, or too many, and were left out."
            )
        events = tuple(_event(alert, body, delivery, number, notes) for number, alert in enumerate(usable))
        outcome = Outcome.EVENTS if events else Outcome.REJECT
        return Parsed(outcome=outcome, events=events, warnings=tuple(notes.said))


def _look_at_envelope(body: Mapping[str, Any], alerts: int, notes: Notes) -> None:
    version = body.get("version", "4")
    if str(version) != "4":
        notes.add(f"Payload version {str(version)[:20]!r} was read as version 4.")
    left_out = body.get("truncatedAlerts", 0)
    if isinstance(left_out, int | float) and left_out > 0:
        notes.add(f"The sender left out {left_out:.0f} alerts (max_alerts); {alerts} came.")


def _event(
    alert: Mapping[str, Any], body: Mapping[str, Any], delivery: RawDelivery, number: int, notes: Notes
) -> AlertEvent:
    labels = reading.labels(alert.get("labels"), notes)
    annotations = reading.mapping(alert.get("annotations"))
    status = _status(alert, body, notes)
    severity, raw, origin = _severity(labels, notes)
    starts_at, quality = reading.moment(alert.get("startsAt"), delivery.received_at)
    ends_at, _ = reading.moment(alert.get("endsAt"), delivery.received_at) if status is Status.RESOLVED else (None, "")
    if quality == "implausible":
        notes.add(f"The start {str(alert.get('startsAt'))[:40]!r} is no plausible time; the time of receipt counts.")
    sender_print = reading.text(alert.get("fingerprint"), reading.WORD, notes, "fingerprint")
    return AlertEvent(
        event_id=f"{delivery.uid}-{number}",
        delivery_id=delivery.uid,
        source=delivery.source,
        source_event_id=sender_print,
        fingerprint=_fingerprint(delivery.source, sender_print, alert.get("labels")),
        status=status,
        severity=severity,
        severity_raw=raw,
        severity_source=origin,
        title=_title(labels, annotations, notes),
        description=reading.text(
            first(("description", "message"), annotations), reading.DESCRIPTION, notes, "description"
        ),
        resource=_resource(labels),
        service=_named(SERVICE, labels, reading.WORD),
        environment=_named(ENVIRONMENT, labels, 80),
        region=_named(("region",), labels, 80),
        team=_named(("team", "owner", "squad"), labels, 80),
        labels=labels,
        links=_links(alert, annotations, body, notes),
        starts_at=starts_at,
        ends_at=ends_at,
        starts_at_quality=quality,
        at=_event_time(status, starts_at, ends_at, delivery.received_at),
        received_at=delivery.received_at,
    )


def _status(alert: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Status:
    """The alert's own field; the group's only where the alert has none. An unknown word stays unclassified."""
    told = alert.get("status")
    if told in (None, ""):
        told = body.get("status")
        notes.add("An alert has no status of its own; the group's was taken.")
    status = STATUSES.get(told.strip().lower()) if isinstance(told, str) else None
    if status is None:
        notes.add(f"The status {str(told)[:40]!r} is not known; the alert is recorded as unclassified.")
    return status or Status.UNCLASSIFIED


def _severity(labels: Mapping[str, str], notes: Notes) -> tuple[Severity, str, str]:
    raw = labels.get("severity", "")
    if not raw:
        return Severity.WARNING, "", "default"
    severity = reading.severity(raw)
    if severity is None:
        notes.add(f"The severity {raw[:40]!r} is not known; warning is assumed.")
        return Severity.WARNING, raw[:80], "default"
    return severity, raw[:80], "payload" if raw.strip().lower() == severity.value else "map"


def _event_time(
    status: Status, starts_at: datetime | None, ends_at: datetime | None, received_at: datetime
) -> datetime:
    """When the transition happened: the start of a firing, the end of a resolve; our clock where theirs is silent."""
    if status is Status.RESOLVED:
        return ends_at or max(starts_at or received_at, received_at)
    return starts_at or received_at


def _fingerprint(source: str, sender_print: str, labels: object) -> str:
    """The sender's own fingerprint, else all its labels; prefixed, so that a later rule can be told apart."""
    if sender_print:
        identity: list[Any] = ["fingerprint", sender_print]
    else:
        identity = ["labels", sorted((str(name), str(value)) for name, value in reading.mapping(labels).items())]
    told = json.dumps([source, *identity], ensure_ascii=True, separators=(",", ":"))
    return f"v1:{hashlib.sha256(told.encode()).hexdigest()}"


def _title(labels: Mapping[str, str], annotations: Mapping[str, Any], notes: Notes) -> str:
    said = [annotations.get(name) for name in ("summary", "title", "message", "description")]
    return reading.title([*said[:2], labels.get("alertname"), *said[2:]], notes) or "An alert without a name"


def _named(names: tuple[str, ...], labels: Mapping[str, str], limit: int) -> str:
    said = first(names, labels)
    return str(said)[:limit] if said else ""


def _resource(labels: Mapping[str, str]) -> Resource | None:
    kind = next((name for name in RESOURCES if labels.get(name)), None)
    return None if kind is None else Resource(type=kind, name=labels[kind])


def _links(
    alert: Mapping[str, Any], annotations: Mapping[str, Any], body: Mapping[str, Any], notes: Notes
) -> tuple[Link, ...]:
    told = {
        "query": alert.get("generatorURL"),
        "runbook": first(("runbook_url", "runbook"), annotations),
        "dashboard": first(("dashboard_url", "dashboardURL", "dashboard"), annotations),
        "alertmanager": body.get("externalURL"),
    }
    found = (reading.link(rel, value, notes) for rel, value in told.items())
    return tuple(link for link in found if link is not None)
