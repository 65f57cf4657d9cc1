"""Alertmanager webhooks, version 4, and single alerts as its API takes them.

One delivery is a group: several alerts, each with its own status, which is the one that counts. Alertmanager repeats
what still fires every `repeat_interval` and retries after 5xx only.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

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


class Alertmanager(Source):
    """Groups of alerts from Prometheus' Alertmanager."""

    slug = "alertmanager"
    title = "Prometheus Alertmanager"
    documentation = "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"
    formats = ("prometheus",)
    fingerprint_fields = ("fingerprint, else all labels",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one group of alerts."""
        body = reading.mapping(delivery.value)
        listed = body.get("alerts")
        if not isinstance(listed, list):
            return rejected("There is no list `alerts`; this is no Alertmanager webhook.")
        if not listed:
            return ignored("The group holds no alerts.")
        _look_at_envelope(body, len(listed), notes)
        found = objects(listed, notes)
        if not found:
            return rejected("None of its alerts is an object.")
        return [self._told(alert, body, notes) for alert in found]

    def _told(self, alert: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        labels, annotations = reading.mapping(alert.get("labels")), reading.mapping(alert.get("annotations"))
        word = alert.get("status")
        if word in (None, ""):
            word = body.get("status")
            notes.add("An alert has no status of its own; the group's was taken.")
        said = [annotations.get(name) for name in ("summary", "title", "message", "description")]
        return Told(
            status=self.status_of(word, notes),
            identity=identity(alert, notes),
            titles=[*said[:2], labels.get("alertname"), *said[2:]],
            severity=labels.get("severity"),
            description=first(("description", "message"), annotations),
            resource=next(((kind, labels[kind]) for kind in RESOURCES if labels.get(kind)), None),
            service=first(SERVICE, labels),
            environment=first(ENVIRONMENT, labels),
            region=labels.get("region"),
            team=first(("team", "owner", "squad"), labels),
            labels=labels,
            links={
                "query": alert.get("generatorURL"),
                "runbook": first(("runbook_url", "runbook"), annotations),
                "dashboard": first(("dashboard_url", "dashboardURL", "dashboard"), annotations),
                "alertmanager": body.get("externalURL"),
            },
            starts_at=alert.get("startsAt"),
            ends_at=alert.get("endsAt"),
            source_event_id=alert.get("fingerprint"),
        )


def identity(alert: Mapping[str, Any], notes: Notes) -> tuple[object, ...]:
    """The sender's own fingerprint, else all its labels."""
    told = reading.text(alert.get("fingerprint"), reading.WORD, notes, "fingerprint")
    if told:
        return ("fingerprint", told)
    labels = reading.mapping(alert.get("labels"))
    return ("labels", {str(name): str(value) for name, value in labels.items()})


def _look_at_envelope(body: Mapping[str, Any], alerts: int, notes: Notes) -> None:
    version = body.get("version", "4")
    if str(version) != "4":
        notes.add(f"Payload version {str(version)[:20]!r} was read as version 4.")
    left_out = body.get("truncatedAlerts", 0)
    if isinstance(left_out, int | float) and left_out > 0:
        notes.add(f"The sender left out {left_out:.0f} alerts (max_alerts); {alerts} came.")
