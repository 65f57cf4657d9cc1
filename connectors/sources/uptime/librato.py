"""Librato and its successor AppOptics: an alert with what violates it, or the word that it has cleared.

In real life the JSON is the one field `payload` of a form; a relay may hand it on as it is, as an object under
`payload`, or as a text there. A clear carries neither conditions nor violations. The oldest alerts, of one metric each,
tell one `measurement` instead of violations, and may have no name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.intake.envelopes import FORM
from connectors.nested import nested
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Metric, Status

STATUSES = {"violations": Status.FIRING, "clear": Status.RESOLVED}


class Librato(Source):
    """Alerts of Librato and AppOptics."""

    slug = "librato"
    title = "Librato and AppOptics"
    documentation = "https://docs.appoptics.com/kb/alert/notification_services/webhook/"
    media = frozenset({FORM})
    fingerprint_fields = ("alert.id, else alert.name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, or its clearing."""
        body = _unwrapped(reading.mapping(delivery.value), notes)
        alert = reading.mapping(body.get("alert"))
        if not alert and isinstance(body.get("attachments"), list):
            return ignored("A snapshot of a chart that somebody shared.")
        if not alert.get("id") and not alert.get("name"):
            return rejected("There is no `alert` with an id or a name; this is no webhook of Librato.")
        body = _of_one_metric(body)
        word = next((name for name in ("clear", "violations") if body.get(name)), None)
        if word is None:
            return rejected("There is neither `violations` nor `clear`.")
        return [self._told(word, alert, body, notes)]

    def _told(self, word: str, alert: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        violations = reading.mapping(body.get("violations"))
        metric = _metric(violations, body, notes)
        number = alert.get("id")
        return Told(
            status=self.status_of(word, notes),
            identity=("alert", number) if number else ("alert name", alert.get("name")),
            titles=[alert.get("name"), metric.name if metric else None, number],
            description=alert.get("description"),
            resource=("source", next(iter(violations))) if len(violations) == 1 else None,
            labels={"sources": ", ".join(map(str, violations))} if len(violations) > 1 else None,
            metric=metric,
            links={"runbook": alert.get("runbook_url")},
            starts_at=body.get("trigger_time") if word == "violations" else None,
            ends_at=body.get("trigger_time"),
            at=body.get("trigger_time"),
            source_event_id=number,
        )


def _unwrapped(body: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    """What stands under `payload`, if it stands there."""
    inner = nested(body.get("payload"), notes)
    return inner if isinstance(inner, Mapping) else body


def _of_one_metric(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The measurement of an alert of the oldest kind, written as a violation."""
    measured = reading.mapping(body.get("measurement"))
    if not measured or "violations" in body or "clear" in body:
        return body
    violation = {"metric": reading.mapping(body.get("metric")).get("name"), "value": measured.get("value")}
    return {**body, "violations": {str(measured.get("source") or "unassigned"): [violation]}}


def _metric(violations: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Metric | None:
    """The first violation, with the threshold of the condition that it names."""
    listed = [one for found in violations.values() for one in objects(found, notes)]
    name = reading.text(listed[0].get("metric"), reading.WORD, notes, "metric") if listed else ""
    if not name:
        return None
    conditions = objects(body.get("conditions"), notes)
    broken = listed[0].get("condition_violated")
    threshold = next((one.get("threshold") for one in conditions if one.get("id") == broken), None)
    return Metric(name=name, value=_number(listed[0].get("value")), threshold=_number(threshold))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else None
