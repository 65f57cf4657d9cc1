"""Nagios, Naemon and Icinga: macros as JSON, under any spelling of their names, and Icinga Notifications' webhooks.

A notification command posts what its author puts in: `NOTIFICATIONTYPE`, `$HOSTNAME$`, `service_state`,
`{"host": {"name": …}}`. The type of the notification is the status: a problem may be acknowledged while its state stays
CRITICAL. The problem's number is 0 in its recovery, so that host and service tell one alert from another.
"""

from collections.abc import Iterable, Mapping

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.sources.monitors.names import inner, pick, plain
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

STATUSES = {
    "problem": Status.FIRING,
    "acknowledgement": Status.ACKNOWLEDGED,
    "acknowledged": Status.ACKNOWLEDGED,
    "acknowledgementset": Status.ACKNOWLEDGED,
    "recovery": Status.RESOLVED,
    **dict.fromkeys(
        ("critical", "crit", "warning", "warn", "unknown", "down", "unreachable", "unreach"), Status.FIRING
    ),
    **dict.fromkeys(("ok", "up"), Status.RESOLVED),
}
SEVERITIES = {
    "unknown": Severity.WARNING,
    "down": Severity.CRITICAL,
    "unreachable": Severity.HIGH,
    "unreach": Severity.HIGH,
    "up": Severity.INFO,
}
INCIDENT = {
    "state": Status.FIRING,
    "incidentseveritychanged": Status.FIRING,
    "incidentage": Status.FIRING,
    "acknowledgementset": Status.ACKNOWLEDGED,
}
QUIET = ("flapping", "downtime", "custom", "alerthandler", "acknowledgementcleared", "mute", "unmute", "comment")
WRAPPERS = ("event", "payload", "data", "notification")
TYPE = ("notificationtype", "type")
SERVICE_STATE = ("servicestate", "serviceshortstate", "servicestatename", "state", "checkresultstate", "servicestateid")
HOST_STATE = ("hoststate", "hostshortstate", "hoststatename", "state", "checkresultstate", "hoststateid")
SERVICE_NUMBERS = {"0": "OK", "1": "WARNING", "2": "CRITICAL", "3": "UNKNOWN"}
HOST_NUMBERS = {"0": "UP", "1": "DOWN", "2": "UNREACHABLE"}
SERVICE = ("servicedesc", "servicedescription", "servicename", "servicedisplayname", "service", "check", "checkname")
HOST = ("hostname", "host", "hostdisplayname", "hostalias", "hostaddress", "address")
OUTPUT = (
    "serviceoutput",
    "hostoutput",
    "output",
    "pluginoutput",
    "checkresultoutput",
    "message",
    "text",
    "additionalinfo",
)
TIMES = (
    "microtime",
    "timet",
    "longdatetime",
    "shortdatetime",
    "datetime",
    "timestamp",
    "time",
    "checkresultexecutionend",
)
BEGAN = (
    "lastservicestatechange",
    "servicelaststatechange",
    "lasthoststatechange",
    "hostlaststatechange",
    "laststatechange",
)
IDS = ("id", "serviceproblemid", "hostproblemid", "problemid", "eventid", "incidentid")
Fields = Mapping[str, object]


class Nagios(Source):
    """Host and service notifications of Nagios and its relatives."""

    slug = "nagios"
    title = "Nagios and Icinga"
    documentation = "https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/notifications.html"
    formats = ("icinga", "naemon")
    fingerprint_fields = ("host, service", "Icinga Notifications: incident id")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification."""
        fields = macros(delivery.value)
        if pick(fields, *HOST, "objectname") is None:
            fields = macros(inner(delivery.value, *WRAPPERS))
        if "incidentid" in fields and "objectname" in fields:
            return self._incident(fields)
        host, word = pick(fields, *HOST), pick(fields, *TYPE, *SERVICE_STATE, *HOST_STATE, "status")
        if host is None or word is None:
            return rejected("There is no host with a notification type or a state; this is no Nagios notification.")
        return quiet(fields) or [check(self, fields, notes)]

    def _incident(self, fields: Fields) -> Parsed | Iterable[Told]:
        """Icinga Notifications: the incident's severity is `ok` when it is over."""
        kind, severity = str(fields.get("eventtype")).lower().replace("-", ""), fields.get("incidentseverity")
        if kind not in INCIDENT:
            return ignored(f"An event of the type {str(fields.get('eventtype'))[:40]!r} changes no alert.")
        over = str(severity).lower() == "ok"
        return [
            Told(
                status=Status.RESOLVED if over else INCIDENT[kind],
                identity=("incident", fields["incidentid"]),
                titles=[fields["objectname"]],
                severity=severity,
                description=fields.get("eventmessage"),
                resource=("host", fields.get("objecttagshost")),
                service=fields.get("objecttagsservice"),
                links={"object": fields.get("objecturl"), "incident": fields.get("incidenturl")},
                starts_at=fields.get("eventtime"),
                ends_at=fields.get("eventtime"),
                at=fields.get("eventtime"),
                source_event_id=fields["incidentid"],
            )
        ]


def macros(value: object) -> dict[str, object]:
    """The fields by their plain names, without the prefixes that commands give them."""
    found: dict[str, object] = {}
    for name, said in plain(value).items():
        for prefix in ("notify", "nagios", "icinga", "payload"):
            name = name.removeprefix(prefix) or name  # noqa: PLW2901 -- each may stand before the next
        found.setdefault(name, said)
    return found


def quiet(fields: Fields) -> Parsed | None:
    """Notifications that change no alert: flapping, downtimes, and what people send by hand."""
    kind = str(pick(fields, *TYPE) or "").lower().replace("_", "").replace("-", "")
    return ignored(f"A notification of the type {kind[:40]} changes no alert.") if kind.startswith(QUIET) else None


def check(source: Source, fields: Fields, notes: Notes) -> Told:
    """One host or service check."""
    host, service = pick(fields, *HOST), None if is_host(fields) else pick(fields, *SERVICE)
    state = _state(fields, for_service=service is not None)
    kind = reading.text(pick(fields, *TYPE), 40, notes, "type")
    known = kind.lower() in source.statuses
    where = f"{service} on {host}" if service is not None else str(host)
    status = source.status_of(kind if known else pick(fields, "status") or state or kind, notes)
    return Told(
        status=status,
        identity=("check", fields.get("site"), host, service),
        titles=[fields.get("summary"), f"{where} is {state}" if state is not None else where],
        severity=state,
        description=pick(fields, *OUTPUT),
        resource=("host", host),
        service=service,
        environment=pick(fields, "environment", "env", "hostenvironment"),
        links={"monitor": pick(fields, "serviceurl", "hosturl", "url", "link", "serviceactionurl", "hostactionurl")},
        starts_at=_time(fields) or pick(fields, *BEGAN) if status is Status.FIRING else None,
        ends_at=_time(fields),
        at=_time(fields),
        source_event_id=pick(fields, *IDS),
    )


def is_host(fields: Fields) -> bool:
    """Whether the host itself is meant, which `WHAT` says where it is there."""
    return str(pick(fields, "what", "objecttype", "checktype", "type")).lower() == "host"


def _state(fields: Fields, *, for_service: bool) -> object:
    """The word, or the number of a check's result as a word."""
    names, numbers = (SERVICE_STATE, SERVICE_NUMBERS) if for_service else (HOST_STATE, HOST_NUMBERS)
    told = pick(fields, *names, *(("severity", "status") if for_service else ("status", "severity")))
    if isinstance(told, int | float):
        return numbers.get(f"{told:.0f}")
    return numbers.get(told, told) if isinstance(told, str) else None


def _time(fields: Fields) -> object:
    told = pick(fields, *TIMES)
    micro = reading.number(fields.get("microtime"))
    return micro / 1_000_000 if told is fields.get("microtime") and micro is not None else told
