"""AppDynamics' HTTP request actions: the body is a template that a person wrote with AppDynamics' variables.

Read is one event, flat or under `event`, `latestEvent` or `details`, or a list of them, with names in any spelling
(`eventType`, `event_type`). Status is the type of the event; where the template leaves it out, its display name, which
is one of a fixed few. `${latestEvent.node.name}` stays where an event has no node, and counts as absent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Status

TYPES = {
    **dict.fromkeys(
        (
            "policy_open",
            "policy_open_warning",
            "policy_open_critical",
            "policy_continues_warning",
            "policy_continues_critical",
            "policy_upgraded",
            "policy_downgraded",
            "error",
            "application_error",
            "application_crash",
            "slow",
            "very_slow",
            "stall",
            "stalled",
            "deadlock",
            "anomaly_open_warning",
            "anomaly_open_critical",
            "anomaly_upgraded",
            "anomaly_downgraded",
        ),
        Status.FIRING,
    ),
    **dict.fromkeys(
        (
            "policy_close",
            "policy_close_warning",
            "policy_close_critical",
            "policy_canceled",
            "policy_canceled_warning",
            "policy_canceled_critical",
            "anomaly_close_warning",
            "anomaly_close_critical",
            "anomaly_canceled_warning",
            "anomaly_canceled_critical",
        ),
        Status.RESOLVED,
    ),
}
DISPLAYED = {
    "health rule violation started - warning": Status.FIRING,
    "health rule violation started - critical": Status.FIRING,
    "health rule violation continues - warning": Status.FIRING,
    "health rule violation continues - critical": Status.FIRING,
    "health rule violation upgraded - warning to critical": Status.FIRING,
    "health rule violation downgraded - critical to warning": Status.FIRING,
    "health rule violation ended - warning": Status.RESOLVED,
    "health rule violation ended - critical": Status.RESOLVED,
    "health rule violation canceled - warning": Status.RESOLVED,
    "health rule violation canceled - critical": Status.RESOLVED,
    "new warning health rule violation": Status.FIRING,
    "new critical health rule violation": Status.FIRING,
}
STATUSES = {**TYPES, **DISPLAYED}
INNER = ("event", "latestEvent", "details", "incident", "application", "node", "tier", "healthRule", "policy")
LISTS = ("events", "fullEventList", "event_list")
DISPLAY = ("eventname", "displayname", "name")
LEVELS = {"info", "warn", "error"}
RULE = ("healthrulename", "incidentname", "policyname", "policy")
"""What it is about; a policy is about many things, and is no identity."""
EVENT = ("eventid", "id", "eventguid", "guid")


class AppDynamics(Source):
    """Events of AppDynamics' policies."""

    slug = "appdynamics"
    title = "AppDynamics"
    documentation = (
        "https://docs.appdynamics.com/appd/22.x/latest/en/appdynamics-essentials/alert-and-respond/actions"
        "/http-request-actions-and-templates"
    )
    fingerprint_fields = ("incident_id; else health rule, application, tier and node; else event id",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event, or the events that came together."""
        body = reading.mapping(delivery.value)
        listed = next((found for name in LISTS if (found := objects(body.get(name), notes))), [body])
        shared = _fields(body, notes)
        events = [fields for fields in (_fields(one, notes, shared) for one in listed) if _is_event(fields)]
        if not events:
            return rejected(
                "There is no event of AppDynamics: neither its type nor a severity INFO, WARN or ERROR, with a name."
            )
        return [self._told(fields, notes) for fields in events]

    def _told(self, fields: Mapping[str, str], notes: Notes) -> Told:
        name, rule = first(DISPLAY, fields), first(RULE, fields)
        resource = next(((kind, fields[f"{kind}name"]) for kind in ("node", "tier") if f"{kind}name" in fields), None)
        at = first(("eventtime", "lastreceived", "triggertime"), fields)
        status = self.status_of(first(("eventtype", "eventtypekey", *DISPLAY), fields), notes)
        return Told(
            status=status,
            identity=_identity(fields),
            titles=[f"{name}: {rule}" if name and rule else name, rule, fields.get("summary")],
            severity=first(("severity", "topseverity"), fields),
            description=first(("eventmessage", "message", "summarymessage", "summary", "description"), fields),
            resource=resource,
            service=first(("appname", "applicationname"), fields),
            labels={name: fields[name] for name in ("tiername", "policy", "eventtype") if name in fields},
            links={"event": first(("eventdeeplink", "deeplink", "link", "url"), fields)},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=first(("incidentid", *EVENT), fields),
        )


def _identity(fields: Mapping[str, str]) -> tuple[object, ...]:
    """The violation, which lasts from its start to its end; an event is new each time."""
    if "incidentid" in fields:
        return ("incident", fields["incidentid"])
    rule = first(RULE[:2], fields)
    if rule is not None:
        where = (first(("appname", "applicationname"), fields), fields.get("tiername"), fields.get("nodename"))
        return ("rule", rule, *where)
    return ("event", first((*EVENT, *DISPLAY), fields))


def _is_event(fields: Mapping[str, str]) -> bool:
    named = first((*DISPLAY, *RULE, "appname", "applicationname"), fields) is not None
    numbered = first((*EVENT, *DISPLAY, "incidentid"), fields) is not None
    typed = first(("eventtype", "eventtypekey"), fields) is not None
    return named and numbered and (typed or fields.get("severity", "").lower() in LEVELS)


def _fields(body: Mapping[str, Any], notes: Notes, shared: Mapping[str, str] | None = None) -> dict[str, str]:
    """Filled-in texts under names in lower case without underscores; `application.name` becomes `applicationname`."""
    found = dict(shared or {})
    _gather(body, "", found, notes)
    return found


def _gather(body: Mapping[str, Any], prefix: str, found: dict[str, str], notes: Notes) -> None:
    for name, value in body.items():
        if name in INNER and isinstance(value, Mapping) and len(prefix) < 30:
            _gather(value, "" if name in INNER[:3] else name, found, notes)
            continue
        text = reading.text(value, reading.DESCRIPTION, notes, str(name)[:40])
        if text:
            found[f"{prefix}{name}".replace("_", "").lower()] = text
