"""Checkly's webhooks: the body is a template that a person wrote with Checkly's variables.

Its names are read in any spelling: `CHECK_NAME`, `check_name`, `checkName`, and inside of `check` or `alert`. Status is
`alert_type`, which tells state and change at once. A certificate that expires (ALERT_SSL) is an alert of its own.
"""

from collections.abc import Iterable, Mapping

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Severity, Status

STATUSES = {
    "alert_fail": Status.FIRING,
    "alert_failure": Status.FIRING,
    "alert_failure_remain": Status.FIRING,
    "alert_failure_degraded": Status.FIRING,
    "alert_degraded": Status.FIRING,
    "alert_degraded_remain": Status.FIRING,
    "alert_degraded_failure": Status.FIRING,
    "alert_recovery": Status.RESOLVED,
    "alert_degraded_recovery": Status.RESOLVED,
    "no_alert": Status.RESOLVED,
    "alert_ssl": Status.FIRING,
}
SEVERITIES = {
    "alert_degraded": Severity.WARNING,
    "alert_degraded_remain": Severity.WARNING,
    "alert_failure_degraded": Severity.WARNING,
}
ALERTS = ("alert_", "no_alert")
TYPES = ("alerttype", "type", "status")
NUMBERS = ("checkid", "id")
NAMES = ("checkname", "name")
LABELS = ("checktype", "runlocation", "responsetime", "apicheckresponsestatuscode", "ssldaysremaining", "tags")


class Checkly(Source):
    """Alerts of Checkly's checks."""

    slug = "checkly"
    title = "Checkly"
    documentation = "https://www.checklyhq.com/docs/integrations/alerts/webhooks/"
    fingerprint_fields = ("check_id, else check_name", "whether it is about a certificate")
    statuses = STATUSES
    severities = SEVERITIES
    assumed = Severity.HIGH

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert."""
        fields = _fields(reading.mapping(delivery.value), notes)
        word = next((said for name in TYPES if (said := fields.get(name, "").lower()).startswith(ALERTS)), None)
        if word is None or first((*NUMBERS, *NAMES), fields) is None:
            return rejected("There are no `alert_type` that begins with ALERT_ and no `check_id` or `check_name`.")
        return [self._told(word, fields, notes)]

    def _told(self, word: str, fields: Mapping[str, str], notes: Notes) -> Told:
        status = self.status_of(word, notes)
        number, name = first(NUMBERS, fields), first(NAMES, fields)
        who = ("check", number) if number else ("check name", name)
        at = fields.get("startedat")
        return Told(
            status=status,
            identity=("certificate", *who) if word == "alert_ssl" else who,
            titles=[name, first(("alerttitle", "event", "title"), fields)],
            severity=word if word in SEVERITIES else None,
            description=first(("checkerrormessage", "errormessage", "alerttitle", "event"), fields),
            resource=("target", fields.get("sslcheckdomain")),
            service=fields.get("groupname"),
            region=fields.get("region"),
            labels={name: fields[name] for name in LABELS if name in fields},
            links={"result": first(("resultlink", "link", "url"), fields)},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )


def _fields(body: Mapping[str, object], notes: Notes) -> dict[str, str]:
    """Every text of the body, of its `check` and of its `alert`, under names in lower case without underscores."""
    found: dict[str, str] = {}
    for part in (reading.mapping(body.get("check")), reading.mapping(body.get("alert")), body):
        for name, value in part.items():
            text = reading.text(_joined(value), reading.DESCRIPTION, notes, str(name)[:40])
            if text:
                found[str(name).replace("_", "").lower()] = text
    return found


def _joined(value: object) -> object:
    return ", ".join(one for one in value if isinstance(one, str)) if isinstance(value, list) else value
