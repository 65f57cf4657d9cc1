"""UptimeRobot's webhooks: the body is made of variables that a person chose, so names and sets of fields differ.

Both spellings are read, `monitorFriendlyName` and `monitor_friendly_name`, and the plain names that people give the
variables, such as `name` and `status`. A variable that UptimeRobot did not fill in stays as `*alertDuration*`. Status
is `alertType`: 1 down, 2 up, 3 a certificate or domain that expires.
"""

import re
from collections.abc import Iterable, Mapping

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "1": Status.FIRING,
    "2": Status.RESOLVED,
    "3": Status.FIRING,
    "down": Status.FIRING,
    "up": Status.RESOLVED,
    "ssl expiry": Status.FIRING,
    "domain expiry": Status.FIRING,
}
EXPIRY = {"3", "ssl expiry", "domain expiry"}
NO_ALERTS = {"98": "started", "99": "paused", "started": "started", "paused": "paused"}
PLAIN = {
    "monitorid": ("id",),
    "monitorfriendlyname": ("monitorname", "friendlyname", "monitor", "name"),
    "monitorurl": ("url", "target"),
    "alerttype": ("status", "state", "event", "type"),
    "alertdetails": ("details", "reason", "message"),
    "alertdatetime": ("datetime", "timestamp", "time"),
}
"""Other names of what UptimeRobot tells, looked at where its own are not there; of a status only known words."""
UNFILLED = re.compile(r"\*[A-Za-z]+\*")
VARIABLES = frozenset(["monitorid", "monitorurl", "monitorfriendlyname", "alerttype", "alerttypefriendlyname"])
LABELS = ("monitortype", "monitorgroup", "httpstatuscode", "sslexpirydate", "sslexpirydaysleft", "domainexpirydate")


class UptimeRobot(Source):
    """Ups and downs of UptimeRobot's monitors."""

    slug = "uptimerobot"
    title = "UptimeRobot"
    documentation = "https://help.uptimerobot.com/en/articles/14498593-webhook-integration"
    media = frozenset({FORM})
    fingerprint_fields = ("monitorID, else monitorURL and monitorFriendlyName", "whether it is about an expiry")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one change of a monitor."""
        fields = _fields(reading.mapping(delivery.value), notes)
        if not any(name in fields for name in ("monitorid", "monitorurl", "monitorfriendlyname")):
            return rejected("There is neither `monitorID` nor `monitorURL` nor `monitorFriendlyName`.")
        word = first(("alerttype", "alerttypefriendlyname"), fields)
        if word is None:
            return rejected("There is neither `alertType` nor `alertTypeFriendlyName`.")
        if word.lower() in NO_ALERTS:
            return ignored(f"The monitor was {NO_ALERTS[word.lower()]}.")
        return [self._told(word, fields, notes)]

    def _told(self, word: str, fields: Mapping[str, str], notes: Notes) -> Told:
        status = self.status_of(word, notes)
        name, url, number = (fields.get(field) for field in ("monitorfriendlyname", "monitorurl", "monitorid"))
        who = ("monitor", number) if number else ("target", url, name)
        at = fields.get("alertdatetime")
        return Told(
            status=status,
            identity=("expiry", *who) if word.lower() in EXPIRY else who,
            titles=[name, url, number],
            description=fields.get("alertdetails"),
            resource=("target", url),
            labels={name: fields[name] for name in LABELS if name in fields},
            links={"monitor": fields.get("dashboardurl"), "target": url if "://" in (url or "") else None},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )


def _fields(body: Mapping[str, object], notes: Notes) -> dict[str, str]:
    """The filled-in variables, under their names in lower case without underscores."""
    told = {str(name).replace("_", "").lower(): value for name, value in body.items()}
    about = reading.mapping(body.get("monitor"))
    told |= {f"monitor{name}".replace("_", "").lower(): value for name, value in about.items()}
    texts = {name: reading.text(value, reading.DESCRIPTION, notes, name[:40]) for name, value in told.items()}
    found = {name: value for name, value in texts.items() if value and not _is_unfilled(name, value)}
    for name, others in PLAIN.items():
        plain = next((found[other] for other in others if other in found), None)
        if name == "alerttype":
            plain = None if "alerttypefriendlyname" in found else _status(plain or "")
        if plain:
            found.setdefault(name, plain)
    return found


def _is_unfilled(name: str, value: str) -> bool:
    """`*alertType*`, or `alertType` itself where the asterisks were forgotten."""
    return bool(UNFILLED.fullmatch(value)) or (name in VARIABLES and value.lower() == name)


def _status(plain: str) -> str:
    """The word of a status that goes by another name, `down` of `monitor.down`; empty where it is none of ours."""
    word = plain.lower().rpartition(".")[2]
    return word if word in STATUSES or word in NO_ALERTS else ""
