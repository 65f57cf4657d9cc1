"""Datadog's webhooks, whose body is whatever the customer's template says.

The field names are the customer's too; those of Datadog's own example and of widespread templates are read, at the top
or inside `alert`, `event` or `metadata`, in any case. The transition (`$ALERT_TRANSITION`) is the status; without it
`$ALERT_TYPE` is, and without that the transition in brackets with which Datadog itself begins a title, as in the body
that it sends where nobody wrote one. A body with none of them that describes a monitor is an alert. Since titles carry
the transition, they tell no alerts apart.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Metric, Severity, Status

STATUSES = {
    "triggered": Status.FIRING,
    "re-triggered": Status.FIRING,
    "alert": Status.FIRING,
    "warn": Status.FIRING,
    "re-warn": Status.FIRING,
    "no data": Status.FIRING,
    "re-no data": Status.FIRING,
    "renotify": Status.FIRING,
    "error": Status.FIRING,
    "warning": Status.FIRING,
    "recovered": Status.RESOLVED,
    "alert recovered": Status.RESOLVED,
    "warn recovered": Status.RESOLVED,
    "no data recovered": Status.RESOLVED,
    "ok": Status.RESOLVED,
    "success": Status.RESOLVED,
    "muted": Status.SUPPRESSED,
    "active": Status.FIRING,
    "stable": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
    "completed": Status.RESOLVED,
}
SEVERITIES = {
    "1": Severity.CRITICAL,
    "2": Severity.HIGH,
    "3": Severity.WARNING,
    "4": Severity.INFO,
    "5": Severity.INFO,
    "sev-1": Severity.CRITICAL,
    "sev-2": Severity.HIGH,
    "sev-3": Severity.WARNING,
    "sev-4": Severity.INFO,
    "sev-5": Severity.INFO,
}
TRANSITIONS = ("alert_transition", "transition", "alertTransition", "status", "alert_state", "state", "overall_state")
KINDS = ("alert_type", "alertType")
NO_STATES = frozenset(["", "info", "user_update", "service check"])
"""Types of alerts that tell no state; so do those of monitors, such as `metric alert`."""
MONITORS = ("monitor_id", "alert_id", "alertId", "monitorId")
QUERIES = ("query", "alert_query", "alertQuery")
SCOPES = ("scopes", "scope", "alert_scope", "alertScope")
CHOSEN = ("aggreg_key", "aggregation_key", "aggregKey", "dedup_key", "unique_key")
KEYS = (*CHOSEN, "alert_cycle_key", "cycle_key", "alertCycleKey")
TEXTS = ("body", "message", "event_msg", "event_message", "text", "text_only_msg", "description", "alert_status")
TITLES = ("alert_title", "monitor_name", "title", "event_title", "name", "summary")
INCIDENTS = ("incident_uuid", "incident_public_id")
MARK = re.compile(
    r"\s*\[((?:re-)?(?:triggered|warn|no data)(?: recovered)?|recovered|renotify|muted)\b[^\]]*\]", re.IGNORECASE
)
"""What Datadog puts before a title: `[Triggered]`, `[Recovered on {host:a}]`."""
IS_ONE = (*MONITORS, *QUERIES, *KEYS, *KINDS, "alert_transition", "alertTransition", "event_type", "alert_metric")


class Datadog(Source):
    """Monitors and incidents of Datadog."""

    slug = "datadog"
    title = "Datadog"
    documentation = "https://docs.datadoghq.com/integrations/webhooks/"
    media = frozenset({FORM})
    fingerprint_fields = ("aggregation key", "else monitor, query and scope or host")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification of a monitor, or of an incident."""
        told = _filled(reading.mapping(delivery.value), notes)
        if first(INCIDENTS, told) is not None or (first(TITLES, told) is None and told.get("incident_title")):
            return [self._incident(told, notes)]
        if first(IS_ONE, told) is None:
            return rejected("It names no monitor, query, transition or event type; this is no Datadog webhook.")
        return [self._monitor(told, notes)]

    def _monitor(self, told: Mapping[str, Any], notes: Notes) -> Told:
        tags = _labels(told)
        word, at = self._word(told, notes), first(("date", "last_updated", "timestamp"), told)
        metric = first(("alert_metric", "metric"), told)
        host = first(("host", "hostname"), {**tags, **told})
        status = Status.UNCLASSIFIED if word is None else self.status_of(word, notes)
        return Told(
            status=status,
            identity=_identity(told),
            titles=[*(told.get(name) for name in TITLES), *(told.get(name) for name in TEXTS)],
            severity=_severity(told),
            description=first(TEXTS, told),
            resource=next(
                ((kind, tags[kind]) for kind in ("pod_name", "pod", "container_name") if tags.get(kind)), None
            )
            or (("host", host) if host else None),
            service=first(("service", "app", "application"), {**tags, **told}),
            environment=first(("env", "environment"), {**tags, **told}),
            region=tags.get("region"),
            team=tags.get("team"),
            labels=tags,
            metric=Metric(name=metric[: reading.WORD]) if isinstance(metric, str) and metric else None,
            links={
                "monitor": first(("link", "url", "alert_url", "event_url"), told) or _linked(told),
                "graph": told.get("snapshot"),
            },
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=first((*MONITORS, "id", "unique_key", "dedup_key"), told),
        )

    def _word(self, told: Mapping[str, Any], notes: Notes) -> object:
        word, summary = first(TRANSITIONS, told), str(told.get("alert_status"))
        if word is None and summary.lower() in STATUSES:
            word = summary
        if isinstance(word, str):
            found = re.match(r"(re-)?(triggered|warn|no data)\b(?! recovered)", word.strip().lower())
            return found[0] if found else word
        kind = str(first((*KINDS, "level"), told) or "").lower()
        if kind not in NO_STATES and not kind.endswith(" alert"):
            return kind
        marked = next((found[1] for name in TITLES if (found := MARK.match(str(told.get(name) or "")))), None)
        if marked is not None:
            return marked
        if first((*MONITORS, *QUERIES), told) is not None:
            notes.add(
                "No transition came, so this counts as triggered; add $ALERT_TRANSITION to the webhook's payload."
            )
            return "triggered"
        notes.add("No transition came, so the state is not known; add $ALERT_TRANSITION to the webhook's payload.")
        return None

    def _incident(self, told: Mapping[str, Any], notes: Notes) -> Told:
        told_id = first((*INCIDENTS, "public_id"), told)
        return Told(
            status=self.status_of(told.get("incident_status"), notes),
            identity=("incident", told_id if told_id is not None else told.get("incident_title")),
            titles=[told.get(name) for name in ("incident_title", "title", "incident_msg")],
            severity=told.get("incident_severity"),
            description=first(("incident_msg", "incident_message", "body"), told),
            labels=_labels(told),
            links={"incident": first(("incident_url", "link"), told)},
            starts_at=first(("incident_created_at", "date", "last_updated"), told),
            ends_at=first(("date", "last_updated"), told),
            source_event_id=told_id,
        )


def _filled(body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The fields at the top, then those further in, without variables that Datadog did not fill in."""
    told = dict(body)
    for part in (body, *(reading.mapping(body.get(name)) for name in ("event", "metadata"))):
        for name, value in part.items():
            told.setdefault(name, value)
            told.setdefault(name.lower(), value)
    for outer, prefix in (("alert", "alert_"), ("monitor", "monitor_"), ("incident", "incident_")):
        for name, value in reading.mapping(body.get(outer)).items():
            known = f"{name}" if name.startswith(prefix) else f"{prefix}{name}"
            told.setdefault(known.lower(), value)
    return {
        name: value
        for name, value in told.items()
        if not isinstance(value, str) or reading.text(value, 10**6, notes, name)
    }


def _labels(told: Mapping[str, Any]) -> dict[str, str]:
    scope = next((reading.tags(told[name]) for name in SCOPES if told.get(name)), {})
    return {**scope, **reading.tags(told.get("tags"))}


def _linked(told: Mapping[str, Any]) -> object:
    """The first of several links."""
    links = told.get("links")
    return reading.mapping(links[0]).get("href") if isinstance(links, list) and links else None


def _identity(told: Mapping[str, Any]) -> tuple[object, ...]:
    key = first(CHOSEN, told)
    if key is not None:
        return ("aggregation", key)
    monitor, query = first(MONITORS, told), first(QUERIES, told)
    scope = next((sorted(reading.tags(told[name]).items()) for name in SCOPES if told.get(name)), [])
    if monitor is not None or query is not None:
        host = [] if scope else [value for value in [first(("host", "hostname"), told)] if value is not None]
        return ("monitor", monitor, query, [list(pair) for pair in scope], *host)
    cycle = first(KEYS, told)
    return ("cycle", cycle) if cycle is not None else ("title", _bare(first(TITLES, told)), told.get("host"))


def _bare(title: object) -> str:
    """The title without its transition: `[Recovered on {host:a}] Load` is `Load`."""
    return re.sub(r"^\s*(\[[^\]]*\]\s*)+", "", title) if isinstance(title, str) else ""


def _severity(told: Mapping[str, Any]) -> object:
    """The monitor's priority; else what Datadog calls the alert, as long as it is one."""
    priority = first(("priority", "alert_priority", "severity"), told)
    if priority not in (None, "normal", "Normal"):
        return str(priority) if isinstance(priority, int) else priority
    kind = str(first((*KINDS, "level"), told) or "").lower()
    return kind if kind in {"error", "warning"} else None
