"""Coralogix's generic outbound webhook, whose default body puts most values in a list of keys and values.

`alert_action` is the state; an alert of a template without it fires. The alert's unique identifier is its identity,
together with the values by which the alert is grouped, if the template has them; `uuid` is the webhook's own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Status

STATUSES = {
    "trigger": Status.FIRING,
    "triggered": Status.FIRING,
    "resolve": Status.RESOLVED,
    "resolved": Status.RESOLVED,
}
IDS = ("alertUniqueIdentifier", "alert_unique_identifier", "alert_id", "alertId")
MANY = "Multiple IPs"
GROUPS = ("groupByValues", "alertGroupByValues", "group_by_values", "alert_group_by_values")


class Coralogix(Source):
    """Alerts of Coralogix."""

    slug = "coralogix"
    title = "Coralogix"
    documentation = (
        "https://coralogix.com/docs/user-guides/alerting/outbound-webhooks/generic-outbound-webhooks-alert-webhooks/"
    )
    fingerprint_fields = ("alertUniqueIdentifier or alert_id", "values it is grouped by")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one trigger or resolve of an alert."""
        body = reading.mapping(delivery.value)
        word = first(("alert_action", "alertAction"), body)
        if word is None and not (first(IDS, body) is not None and {"alert_url", "log_url", "fields"} & set(body)):
            return rejected("There is no `alert_action`; this is no Coralogix webhook.")
        outer = {name: value for name, value in body.items() if name != "fields" and _is_filled(value)}
        known = {**_fields(body, notes), **outer}
        if first((*IDS, "name"), known) is None:
            return rejected("The alert has neither `alert_id` nor `name`.")
        return [self._told(known, word, notes)]

    def _told(self, known: Mapping[str, Any], word: object, notes: Notes) -> Told:
        told_id, name = first(IDS, known), first(("name", "alert_name"), known)
        if word is None:
            notes.add("There is no `alert_action`; it counts as firing.")
        status = Status.FIRING if word is None else self.status_of(word, notes)
        at = first(("timestampISO", "timestamp_iso", "timestampMS", "timestamp"), known)
        host = first(("computer", "host", "hostname", "ipAddress"), known)
        host = None if host == MANY else host
        identity = ("alert", told_id) if told_id is not None else ("name", name)
        return Told(
            status=status,
            identity=(*identity, first(GROUPS, known)),
            titles=[name, known.get("description")],
            severity=first(("severityLowercase", "severity", "priority"), known),
            description=first(("description", "text", "log"), known),
            resource=("host", host) if host is not None else None,
            service=first(("service", "subsystem", "application"), known),
            environment=first(("environment", "env"), known),
            team=known.get("team"),
            labels={
                key: value
                for key, value in known.items()
                if isinstance(value, str | int | float) and value != "" and not key.endswith("_url")
            },
            links={
                "alert": first(("alert_url", "alertUrl"), known),
                "log": first(("log_url", "logUrl"), known),
            },
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=told_id,
        )


def _fields(body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The list of keys and values; those that Coralogix did not fill in are left out."""
    listed = body.get("fields")
    if isinstance(listed, Mapping):
        return dict(listed)
    pairs = {str(pair["key"]): pair.get("value") for pair in objects(listed, notes) if pair.get("key")}
    return {key: value for key, value in pairs.items() if _is_filled(value)}


def _is_filled(value: object) -> bool:
    """Whether it is neither `$SERVICE` nor, as Coralogix tries a webhook out, `*insert computer name*`."""
    return not isinstance(value, str) or not value.startswith(("$", "*insert "))
