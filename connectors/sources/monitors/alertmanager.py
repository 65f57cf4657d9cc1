"""Alertmanager webhooks, version 4, and bare alerts as its API takes and tells them.

One delivery is a group: several alerts, each with its own status, which is the one that counts. Alertmanager repeats
what still fires every `repeat_interval` and retries after 5xx only.

A bare alert, or a list of them, is what Prometheus and others post to `/api/v2/alerts`: there an alert fires until
its `endsAt` has passed, and says so in no other field. The answers of `/api/v2/alerts` and of Prometheus'
`/api/v1/alerts` are read as well; their status is an object or stands in `state`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {
    "firing": Status.FIRING,
    "active": Status.FIRING,
    "unprocessed": Status.FIRING,
    "resolved": Status.RESOLVED,
    "inactive": Status.RESOLVED,
    "suppressed": Status.SUPPRESSED,
    "pending": Status.PENDING,
}
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
RESOURCES = ("pod", "container", "exported_instance", "instance", "node", "host", "hostname", "device")


class Alertmanager(Source):
    """Groups of alerts from Prometheus' Alertmanager, and bare alerts."""

    slug = "alertmanager"
    title = "Prometheus Alertmanager"
    documentation = "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"
    formats = ("prometheus", "alertmanager_bare")
    fingerprint_fields = ("fingerprint, else all labels",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one group of alerts, or bare ones."""
        body = reading.mapping(delivery.value)
        if isinstance(body.get("alerts"), list):
            return self._group(body, delivery, notes)
        bare = _bare(delivery.value)
        if not bare:
            return rejected("There is no list `alerts` and no alert with `labels`; this is no Alertmanager webhook.")
        return [told_of(alert, body, self.status_of(_bare_word(alert, delivery), notes), notes) for alert in bare]

    def _group(self, body: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        listed = body["alerts"]
        if not listed:
            return ignored("The group holds no alerts.")
        look_at_envelope(body, notes, version="4")
        found = objects(listed, notes)
        if not found:
            return rejected("None of its alerts is an object.")
        words = [word_of(alert, body, delivery, notes) for alert in found]
        return [
            told_of(alert, body, self.status_of(word, notes), notes) for alert, word in zip(found, words, strict=True)
        ]


def told_of(alert: Mapping[str, Any], body: Mapping[str, Any], status: Status, notes: Notes) -> Told:
    """One alert of a group; Grafana's have the same fields and more."""
    labels, annotations = reading.mapping(alert.get("labels")), reading.mapping(alert.get("annotations"))
    said = [annotations.get(name) for name in ("summary", "title", "message", "description")]
    return Told(
        status=status,
        identity=identity(alert, notes),
        titles=[*said[:2], alert.get("summary"), labels.get("alertname"), *said[2:], alert.get("description")],
        severity=_severity(labels, annotations),
        description=first(("description", "message"), annotations) or alert.get("description"),
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
        starts_at=first(("startsAt", "startAt", "activeAt"), alert),
        ends_at=first(("endsAt", "endAt"), alert),
        source_event_id=alert.get("fingerprint"),
    )


def _severity(labels: Mapping[str, Any], annotations: Mapping[str, Any]) -> object:
    """The label or annotation `severity`, in any case; else a label `priority` that is a known word."""
    for told in (labels, annotations):
        found = next((value for name, value in told.items() if str(name).lower() == "severity" and value), None)
        if found is not None:
            return found
    priority = labels.get("priority")
    return priority if reading.severity(priority) else None


def identity(alert: Mapping[str, Any], notes: Notes) -> tuple[object, ...]:
    """The sender's own fingerprint, else all its labels; the summary too where no label names the alert."""
    told = reading.text(alert.get("fingerprint"), reading.WORD, notes, "fingerprint")
    if told:
        return ("fingerprint", told)
    labels = {str(name): str(value) for name, value in reading.mapping(alert.get("labels")).items()}
    unnamed = reading.text(alert.get("summary"), reading.TITLE, notes, "summary") if "alertname" not in labels else ""
    return ("labels", labels, unnamed) if unnamed else ("labels", labels)


def word_of(alert: Mapping[str, Any], body: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> object:
    """The alert's own status; the group's if it has none, and without that what its end says."""
    word = _own_word(alert)
    if word not in (None, ""):
        return word
    if body.get("status") not in (None, ""):
        notes.add("An alert has no status of its own; the group's was taken.")
        return body["status"]
    notes.add("Neither the alert nor its group has a status; the alert fires until its `endsAt` has passed.")
    return _bare_word(alert, delivery)


def look_at_envelope(body: Mapping[str, Any], notes: Notes, version: str) -> None:
    """Say if the version is another than is known here, and if alerts were left out."""
    told = body.get("version", version)
    if str(told) != version:
        notes.add(f"Payload version {str(told)[:20]!r} was read as version {version}.")
    left_out = body.get("truncatedAlerts", 0)
    if isinstance(left_out, int | float) and left_out > 0:
        notes.add(f"The sender left out {left_out:.0f} alerts (max_alerts); {len(body['alerts'])} came.")


def _bare(value: object) -> list[Mapping[str, Any]]:
    """Alerts without a group: one, a list, or the list in the `data` of an API's answer."""
    data = reading.mapping(value).get("data")
    inner = reading.mapping(data).get("alerts", data)
    listed = value if isinstance(value, list) else inner if isinstance(inner, list) else [value]
    return [one for one in listed if isinstance(one, Mapping) and isinstance(one.get("labels"), Mapping)]


def _bare_word(alert: Mapping[str, Any], delivery: RawDelivery) -> object:
    word = _own_word(alert)
    if word not in (None, ""):
        return word
    ends_at = reading.usable(alert.get("endsAt"), delivery.received_at)
    return "resolved" if ends_at and ends_at <= delivery.received_at else "firing"


def _own_word(alert: Mapping[str, Any]) -> object:
    """`status` as a word, or as an object with a `state`; Prometheus' own API has `state` alone."""
    word = alert.get("status")
    return word.get("state") if isinstance(word, Mapping) else alert.get("state") if word in (None, "") else word
