"""AppDynamics' HTTP request actions: the body is a template that a person wrote with AppDynamics' variables.

Read is one event, flat or under `event`, `latestEvent` or `details`, or a list of them, with names in any spelling
(`eventType`, `event_type`). Status is the type of the event; where the template leaves it out, its display name, which
is one of a fixed few. `${latestEvent.node.name}` stays where an event has no node, and counts as absent.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

VIOLATED = (
    *("open", "open_warning", "open_critical", "continues_warning", "continues_critical"),
    *("upgraded", "downgraded"),
)
OVER = (
    *("close", "close_warning", "close_critical"),
    *("canceled", "canceled_warning", "canceled_critical"),
)
KINDS = ("policy", "health_rule", "anomaly")
TROUBLE = (
    *("error", "application_error", "application_crash", "clr_crash"),
    *("slow", "very_slow", "stall", "stalled", "deadlock", "resource_pool_limit"),
)
STATUSES = {
    **dict.fromkeys((f"{kind}_{word}" for kind in KINDS for word in VIOLATED), Status.FIRING),
    **dict.fromkeys((f"{kind}_{word}" for kind in KINDS for word in OVER), Status.RESOLVED),
    **dict.fromkeys(TROUBLE, Status.FIRING),
}
CHANGES = frozenset({"application_deployment", "application_config_change", "app_server_restart"})
VIOLATION = re.compile(r"health rule violation|anomaly", re.IGNORECASE)
ENDED = re.compile(r"\b(ended|closed|canceled|cancelled|resolved)\b", re.IGNORECASE)
TROUBLES = re.compile(r"\b(error|crash|slow|stall|stalled|deadlock|pool limit)\b", re.IGNORECASE)
BEGAN = re.compile(r"\b(new|started|open|opened|ongoing|continues|upgraded|downgraded)\b", re.IGNORECASE)
INNER = ("event", "latestEvent", "details", "incident", "application", "node", "tier", "healthRule", "policy")
LISTS = ("events", "fullEventList", "event_list")
DISPLAY = ("eventname", "displayname", "name")
LEVELS = {"info", "warn", "error"}
RULE = ("healthrulename", "incidentname", "policyname", "policy")
"""What it is about; a policy is about many things, and is no identity."""
EVENT = ("eventid", "id", "eventguid", "guid")
GUID = ("eventguid", "guid")
"""In templates for lists the id may be that of the latest event for all of them; its guid is each event's own."""


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
        alerts = [fields for fields in events if fields.get("eventtype", "").lower() not in CHANGES]
        if not events:
            return rejected(
                "There is no event of AppDynamics: neither its type nor a severity INFO, WARN or ERROR, with a name."
            )
        return [self._told(fields, notes) for fields in alerts] or ignored("A deployment, restart or change; no alert.")

    def _told(self, fields: Mapping[str, str], notes: Notes) -> Told:
        name, rule = first(DISPLAY, fields), first(RULE, fields)
        resource = next(((kind, fields[f"{kind}name"]) for kind in ("node", "tier") if f"{kind}name" in fields), None)
        at = first(("eventtime", "lastreceived", "triggertime"), fields)
        status = self._status(fields, notes)
        return Told(
            status=status,
            identity=_identity(fields),
            titles=[f"{name}: {rule}" if name and rule else name, rule, fields.get("summary")],
            severity=first(("severity", "topseverity"), fields),
            description=first(("eventmessage", "message", "summarymessage", "summary", "description"), fields),
            resource=resource,
            service=first(("appname", "applicationname"), fields),
            environment=fields.get("environment"),
            labels={name: fields[name] for name in ("tiername", "policy", "eventtype") if name in fields},
            links={"event": first(("eventdeeplink", "deeplink", "link", "url"), fields)},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=first(("incidentid", *EVENT), fields),
        )

    def _status(self, fields: Mapping[str, str], notes: Notes) -> Status:
        """By the type of the event; `eventTypeKey` is that at times, and a word such as `Health Rule` at others."""
        told = [fields[name] for name in ("eventtype", "eventtypekey", *DISPLAY) if name in fields]
        if not any(word.lower() in self.statuses for word in told):
            shown = next((fields[name] for name in DISPLAY if VIOLATION.search(fields.get(name, ""))), "")
            if ENDED.search(shown):
                return Status.RESOLVED
            if BEGAN.search(shown) or any(TROUBLES.search(fields.get(name, "")) for name in DISPLAY):
                return Status.FIRING
        return self.status_of(next((word for word in told if word.lower() in self.statuses), "".join(told[:1])), notes)


def _identity(fields: Mapping[str, str]) -> tuple[object, ...]:
    """The violation, which lasts from its start to its end; an event is new each time."""
    if "incidentid" in fields:
        return ("incident", fields["incidentid"])
    rule, number = first(RULE[:2], fields), first((*GUID, *EVENT), fields)
    where = (first(("appname", "applicationname"), fields), fields.get("tiername"), fields.get("nodename"))
    if rule is not None:
        return ("rule", rule, *where)
    return ("event", number) if number is not None else ("name", first(DISPLAY, fields), *where)


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
