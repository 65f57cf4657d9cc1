"""Zabbix webhooks. The body is what the media type's script makes of its parameters, so its names differ.

Read are `{EVENT.…}`, `{TRIGGER.…}`, `{HOST.…}` and `{ITEM.…}` under any spelling of their names: `EVENT.ID`,
`event_id`, `{"event": {"id": …}}`; also messages of Zabbix' own templates, and events as its connectors stream them. A
macro that Zabbix did not expand, or knows no value for (`*UNKNOWN*`), is absent. `{EVENT.ID}` stays that of the problem
in the recovery; its value is 1 for a problem and 0 for its end. Clocks are the server's own, without a zone.
"""

import re
from collections.abc import Iterable, Mapping

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.monitors import zabbix_text
from connectors.sources.monitors.names import inner, pick, plain
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Metric, Severity, Status

STATUSES = {
    "problem": Status.FIRING,
    "1": Status.FIRING,
    "alerting": Status.FIRING,
    "firing": Status.FIRING,
    "update": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "suppressed": Status.SUPPRESSED,
    "ok": Status.RESOLVED,
    "0": Status.RESOLVED,
    "resolved": Status.RESOLVED,
    "recovery": Status.RESOLVED,
}
SEVERITIES = {"not classified": Severity.INFO, "not_classified": Severity.INFO}
NUMBERS = {"0": "Not classified", "1": "Information", "2": "Warning", "3": "Average", "4": "High", "5": "Disaster"}
STATUS = ("eventstatus", "status", "triggerstatus", "state", "eventvalue", "triggervalue", "eventtype")
SEVERITY = (
    *("eventseverity", "severity", "triggerseverity", "eventnseverity", "triggernseverity", "priority"),
    "labelsseverity",
)
TITLES = (
    *("eventname", "triggername", "trigger", "name", "problem", "problemname", "title", "alertsubject", "subject"),
    *("alertname", "labelsalertname", "triggerdescription", "description", "alertmessage", "message"),
)
HOST = (
    *("hostname", "hosthost", "hostvisiblename", "host", "hostname1", "hosthost1", "hostip", "hostdns", "hostconn1"),
    "labelshost",
)
WRAPPERS = ("payload", "body", "params", "data")
SEEN = ("eventackstatus", "ackstatus", "acknowledged", "eventacknowledged")
DONE = "eventupdateaction"
SEES = re.compile(r"\backnowledged\b")
MARKS = ("event", "trigger", "host", "item", "zabbix", "alertuid")
NO_TRIGGER = {"1": "network discovery", "2": "autoregistration", "discovery": "network discovery"}
UNKNOWN = re.compile(r"\*UNKNOWN\*|\{[$#?][^}]*\}")
EVENT_IN_LINK = re.compile(r"[?&]eventid=(\d+)", re.ASCII)
Fields = Mapping[str, object]


class Zabbix(Source):
    """Problems and their ends, from a media type of the type webhook."""

    slug = "zabbix"
    title = "Zabbix"
    documentation = "https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook"
    fingerprint_fields = ("event id, else trigger id and host, else trigger name and host",)
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one problem or its end."""
        told = plain(inner(delivery.value, *WRAPPERS))
        if not any(name in told for name in STATUS):
            told = _exported(delivery.value, told) or {**zabbix_text.fields_in(told), **told}
        fields = {name: value for name, value in told.items() if not UNKNOWN.fullmatch(str(value))}
        titles = [fields.get(name) for name in TITLES]
        stated = any(name in fields for name in (*STATUS, *SEVERITY))
        ours = any(name.startswith(MARKS) for name in fields) or fields.get("labelssource") == "zabbix"
        if not stated or not ours or not any(isinstance(one, str) for one in titles):
            return rejected("There is no name of a problem with its status or severity; this is no Zabbix webhook.")
        origin = NO_TRIGGER.get(str(fields.get("eventsource")).lower())
        if origin:
            return ignored(f"It tells of {origin}, not of a trigger.")
        return [self._told(fields, titles, notes)]

    def _told(self, fields: Fields, titles: list[object], notes: Notes) -> Told:
        tags = _tags(fields, notes)
        event_id = _event_id(fields)
        host = pick(fields, *HOST)
        return Told(
            status=self._status(fields, notes),
            identity=_identity(fields, event_id, host, titles),
            titles=titles,
            severity=_severity(fields),
            description=pick(fields, "message", "alertmessage", "triggerdescription", "description", "eventopdata"),
            resource=("host", host or fields.get("service")),
            service=pick(tags, "service", "application") or pick(fields, "service", "servicename"),
            environment=pick(tags, "environment", "env") or fields.get("environment"),
            region=tags.get("region"),
            team=tags.get("team"),
            labels=tags,
            metric=_metric(fields),
            links={"zabbix": _link(fields, event_id)},
            starts_at=_clock(fields, "event")
            or pick(fields, "timestamp", "datetime", "clock", "lastreceived", "startat"),
            ends_at=_clock(fields, "eventrecovery") or _clock(fields, "recovery") or fields.get("endat"),
            source_event_id=event_id,
        )

    def _status(self, fields: Fields, notes: Notes) -> Status:
        status = self.status_of(pick(fields, *STATUS), notes)
        seen = str(pick(fields, *SEEN)).lower() in {"yes", "1", "true"} or bool(SEES.search(str(fields.get(DONE))))
        return Status.ACKNOWLEDGED if status is Status.FIRING and seen else status


def _exported(value: object, fields: Fields) -> dict[str, object]:
    """An event as Zabbix' connectors stream it, if it is one; that of a recovery names the problem's."""
    body = reading.mapping(value)
    if "eventid" not in fields or "value" not in fields or not {"severity", "peventid"} & set(fields):
        return {}
    host = next((pick(one, "name", "host") for one in objects(body.get("hosts"), Notes())), None)
    problem = pick(fields, "peventid", "eventid")
    clock = "eventrecoverytimestamp" if "peventid" in fields else "eventtimestamp"
    renamed = {"name": f"Zabbix problem {problem}", "hostname": host, clock: fields.get("clock"), **fields}
    known = {**renamed, "eventid": problem, "eventvalue": fields["value"], "clock": None}
    return {name: one for name, one in known.items() if one is not None}


def _event_id(fields: Fields) -> object:
    told = pick(fields, "originaleventid", "originalproblemid", "eventid", "problemid", "id", "alertuid", "fingerprint")
    found = EVENT_IN_LINK.search(str(pick(fields, "link", "url", "eventurl") or "")) if told is None else None
    return found[1] if found else told


def _identity(fields: Fields, event_id: object, host: object, titles: list[object]) -> tuple[object, ...]:
    if event_id is not None:
        return ("event", event_id)
    trigger = fields.get("triggerid")
    if trigger is not None:
        return ("trigger", trigger, host)
    return ("name", next((one for one in titles if isinstance(one, str)), ""), host)


def _severity(fields: Fields) -> object:
    """The word; the number is `{EVENT.NSEVERITY}`, 0 to 5."""
    told = pick(fields, *SEVERITY)
    return NUMBERS.get(str(told), told)


def _clock(fields: Fields, event: str) -> object:
    """`{EVENT.TIMESTAMP}`, else `{EVENT.DATE}` (2026.03.01) and `{EVENT.TIME}`."""
    stamp, date, time = (fields.get(f"{event}{part}") for part in ("timestamp", "date", "time"))
    if stamp is None and isinstance(date, str):
        return f"{date.replace('.', '-')} {time if isinstance(time, str) else ''}".strip()
    return stamp if stamp is not None or not isinstance(time, str) or not reading.YEAR.search(time) else time


def _tags(fields: Fields, notes: Notes) -> dict[str, object]:
    """`{EVENT.TAGSJSON}`, or `{EVENT.TAGS}` (`a:1, b:2`), or an object."""
    told = pick(fields, "eventtagsjson", "tagsjson", "eventtags", "tags", "hosttags")
    listed = nested(told, notes)
    if isinstance(listed, list):
        return {str(one.get("tag")): one.get("value") or "" for one in objects(listed, notes) if one.get("tag")}
    if isinstance(told, str) and listed is None:
        pairs = (one.strip().partition(":") for one in told.split(","))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
    as_object = {name.removeprefix("tags"): value for name, value in fields.items() if name.startswith("tags")}
    return {name: value for name, value in as_object.items() if name and isinstance(value, str | int | float)}


def _metric(fields: Fields) -> Metric | None:
    value = reading.number(pick(fields, "itemvalue", "itemvalue1", "itemlastvalue"))
    name = pick(fields, "itemname", "itemname1", "itemkey", "itemkey1")
    return Metric(name=name[: reading.WORD], value=value) if isinstance(name, str) and value is not None else None


def _link(fields: Fields, event_id: object) -> object:
    told = pick(fields, "link", "eventurl", "triggerurl", "linktoupstreamdetails", "url")
    base, trigger = pick(fields, "zabbixurl", "zbxurl"), fields.get("triggerid")
    if told is None and isinstance(base, str) and trigger is not None and event_id is not None:
        return f"{base.rstrip('/')}/tr_events.php?triggerid={trigger}&eventid={event_id}"
    return told
