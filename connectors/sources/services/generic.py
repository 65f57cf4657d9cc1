"""A plain JSON shape of our own, for scripts and for tools whose bodies one can write oneself.

One alert, a list of alerts, or a list in `alerts` or `events`; an alert may lie in `alert`, `event`, `incident`, `data`
or `payload`. Only a text is needed. Fields go by several names, in snake_case, camelCase or kebab-case.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM, TEXT
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Metric, Status

WORDS: Mapping[Status, str] = {
    Status.FIRING: "firing fire fired alerting alert active open opened reopened trigger triggered problem down fail "
    "failed failing failure error critical crit warning warn new created create start started ongoing unhealthy "
    "degraded outage bad raised anomalous breached offline unacknowledged timeout no_data nodata",
    Status.ACKNOWLEDGED: "acknowledged acknowledge acknowledgement ack acked accepted investigating identified "
    "in_progress assigned",
    Status.RESOLVED: "resolved resolve ok up close closed recover recovered recovery clear cleared healthy normal "
    "success succeeded passed pass passing fixed inactive end ended operational online good completed",
    Status.SUPPRESSED: "suppressed silenced muted snoozed maintenance paused inhibited",
    Status.PENDING: "pending",
}
STATUSES = {word.replace("_", " "): status for status, listed in WORDS.items() for word in listed.split()}
TITLES = ("title", "summary", "message", "subject", "headline", "name", "alertname", "alert_name", "event", "text")
DESCRIPTIONS = ("description", "details", "body", "state_message", "message", "text")
STATES = ("status", "state", "alert_status", "alert_state", "event_action", "action", "message_type", "event_type")
SEVERITY = ("severity", "level", "priority", "urgency", "criticality")
KEYS = (
    *("dedup_key", "deduplication_key", "dedup", "fingerprint", "alert_id", "alert_key", "event_key", "alias"),
    *("alert_uid", "incident_key"),
)
IDS = ("entity_id", "incident_id", "id", "uid", "uuid", "key", "event_id")
NAMES = ("alertname", "alert_name", "check", "check_name", "rule", "monitor", "name", "event", *TITLES[:4], "text")
SERVICES = ("service", "service_name", "app", "application", "component", "job")
ENVIRONMENTS = ("environment", "env", "stage", "deployment_environment")
RESOURCES = ("host", "hostname", "instance", "node", "pod", "container", "device", "server", "resource", "entity")
STARTS = ("starts_at", "started_at", "start", "start_time", "fired_at", "triggered_at", "created_at", "opened_at")
ENDS = ("ends_at", "ended_at", "end", "end_time", "resolved_at", "closed_at", "recovered_at")
TIMES = (
    "timestamp",
    "time",
    "date",
    "datetime",
    "occurred_at",
    "occured_at",
    "event_time",
    "at",
    "updated_at",
    "last_received",
)
LABELS = ("labels", "tags", "metadata", "custom_details", "attributes")
WRAPPERS = ("alert", "event", "incident", "data", "payload")
UPSTREAM = "link_to_upstream_details"
LISTS = ("alerts", "events")
TEAMS = ("team", "owner", "squad")


class Generic(Source):
    """Alerts from scripts."""

    slug = "generic"
    title = "Anything that posts JSON"
    documentation = "https://www.rfc-editor.org/rfc/rfc8259"
    media = frozenset({TEXT, FORM})
    fingerprint_fields = ("dedup_key, fingerprint or id", "else service, resource and name")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, or a list of them."""
        value = delivery.value
        for name in LISTS:
            value = value[name] if isinstance(value, Mapping) and isinstance(value.get(name), list) else value
        listed = objects(value, notes) if isinstance(value, list) else [reading.mapping(value)]
        alerts = [alert for alert in map(_plain, listed) if _says_something(alert, notes)]
        if not alerts:
            return rejected("There is no `title`, `message` or `summary`; nothing says what the alert is.")
        if len(alerts) < len(listed):
            notes.add(f"{len(listed) - len(alerts)} of {len(listed)} had no title and were left out.")
        return [self._told(alert, notes) for alert in alerts]

    def _told(self, alert: Mapping[str, Any], notes: Notes) -> Told:
        labels = _labels(alert)
        known = {**labels, **{name: value for name, value in alert.items() if value not in (None, "")}}
        status = self._state(alert, notes)
        resource = _resource(known)
        is_over, at = status is Status.RESOLVED, first(TIMES, alert)
        return Told(
            status=status,
            identity=_identity(alert, first(SERVICES, known), resource),
            titles=[*(alert.get(name) for name in TITLES), *(alert.get(name) for name in (*DESCRIPTIONS, *KEYS))],
            kind=str(alert["kind"]) if alert.get("kind") in {"alert", "ticket", "change", "job"} else "alert",
            severity=_severity(alert, labels),
            description=first(DESCRIPTIONS, alert),
            resource=resource,
            service=_one(first(SERVICES, known)),
            environment=first(ENVIRONMENTS, known),
            region=first(("region", "location", "datacenter"), known),
            team=first(TEAMS, known),
            labels=labels,
            metric=_metric(alert),
            links={
                "source": first(("url", "link", "source_url", "generator_url", "client_url", UPSTREAM), alert),
                "runbook": first(("runbook", "runbook_url"), known),
                "dashboard": first(("dashboard", "dashboard_url"), known),
            },
            starts_at=first(STARTS, alert) or (None if is_over else at),
            ends_at=first(ENDS, alert) or at,
            at=at,
            source_event_id=_one(first((*KEYS, *IDS), alert)),
        )

    def _state(self, alert: Mapping[str, Any], notes: Notes) -> Status:
        for name in ("resolved", "firing"):
            if isinstance(alert.get(name), bool):
                return Status.RESOLVED if alert[name] is (name == "resolved") else Status.FIRING
        told = [_inside(alert[name]) for name in STATES if alert.get(name) not in (None, "")]
        if not told:
            notes.add("There is no `status`; it counts as firing.")
            return Status.FIRING
        words = [str(word).replace("_", " ").replace("-", " ") if _is_plain(word) else word for word in told]
        known = (word for word in words if isinstance(word, str) and word.strip().lower() in STATUSES)
        return self.status_of(next(known, words[0]), notes)


def _plain(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The alert, out of its wrapper if it lies in one, with names in snake_case."""
    told = {_snake(str(name)): value for name, value in alert.items()}
    inner = next((told[name] for name in WRAPPERS if isinstance(told.get(name), Mapping)), None)
    if inner is None or any(_is_plain(told.get(name)) for name in TITLES):
        return told
    return {**{name: value for name, value in told.items() if value is not inner}, **_plain(inner)}


def _snake(name: str) -> str:
    spaced = "".join(
        f"_{char.lower()}" if char.isupper() and name[:at][-1:].islower() else char for at, char in enumerate(name)
    )
    return spaced.lower().replace("-", "_").replace(" ", "_").strip("_")


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _inside(state: object) -> object:
    """A state that is an object, by its name."""
    return first(("status", "state", "name", "value"), state) if isinstance(state, Mapping) else state


def _says_something(alert: Mapping[str, Any], notes: Notes) -> bool:
    return any(reading.text(alert.get(name), reading.TITLE, notes, name) for name in (*TITLES, *DESCRIPTIONS))


def _labels(alert: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for told in (alert.get(name) for name in reversed(LABELS)):
        found |= dict(told) if isinstance(told, Mapping) else reading.tags(told)
    return found


def _severity(alert: Mapping[str, Any], labels: Mapping[str, Any]) -> object:
    told = [values[name] for values in (alert, labels) for name in SEVERITY if _is_plain(values.get(name))]
    return next((word for word in told if reading.severity(word)), told[0] if told else None)


def _identity(alert: Mapping[str, Any], service: object, resource: tuple[str, object] | None) -> tuple[object, ...]:
    key = first((*KEYS, *IDS), alert)
    if key is not None:
        return ("key", key)
    name = next((alert[name] for name in NAMES if _is_plain(alert.get(name))), None)
    return ("fields", service, resource[1] if resource else None, name)


def _resource(known: Mapping[str, Any]) -> tuple[str, object] | None:
    """The first thing that is named, or that is an object with a name or an id."""
    for kind in RESOURCES:
        inner = {_snake(str(name)): told for name, told in reading.mapping(known.get(kind)).items()}
        name = first(("name", f"{kind}_name", f"{kind}_id", "id"), inner) if inner else known.get(kind)
        if _is_plain(name):
            return (kind, name)
    return None


def _one(value: object) -> object:
    """The first of a list, or the value."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _metric(alert: Mapping[str, Any]) -> Metric | None:
    name = first(("metric", "metric_name"), alert)
    if not isinstance(name, str):
        return None
    unit = alert.get("unit")
    return Metric(
        name=name[: reading.WORD],
        value=_number(alert.get("value")),
        unit=unit[:40] if isinstance(unit, str) else "",
        threshold=_number(alert.get("threshold")),
    )


def _number(value: object) -> float | None:
    try:
        told = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return told if math.isfinite(told) else None
