"""VMware vRealize (Aria) Operations: the REST notification plug-in; and alerts of Operations for Logs.

`cancelDate` is there while the alert is active, too, as the start again. Operations for Logs has other fields, in newer
versions under names of one's own (`AlertName`, `alert_name`); it knows no end and no id: the name of the alert is all
there is. Its messages say in their `fields` which host they came from.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.monitors.names import pick, plain
from connectors.told import Source, Told, objects, rejected
from incidents.events import Severity, Status

STATUSES = {
    **dict.fromkeys(("active", "new", "open", "updated", "assigned"), Status.FIRING),
    **dict.fromkeys(("canceled", "cancelled", "closed", "inactive", "resolved"), Status.RESOLVED),
    "suspended": Status.SUPPRESSED,
}
LEVEL = "ALERT_CRITICALITY_LEVEL_"
SEVERITIES = {"immediate": Severity.HIGH}
NO_LEVEL = ("NONE", "UNKNOWN", "AUTO")
KEPT = ("adapterKind", "resourceKind", "resourceId", "type", "subType", "Health", "Risk", "Efficiency")


class VmwareVrops(Source):
    """Alerts of VMware's operations manager."""

    slug = "vmware_vrops"
    title = "VMware Aria Operations (vRealize)"
    documentation = (
        "https://techdocs.broadcom.com/us/en/vmware-cis/aria/aria-operations/8-18/"
        "vmware-aria-operations-configuration-guide-8-18.html"
    )
    fingerprint_fields = ("alertId", "Operations for Logs: AlertName")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert."""
        body = reading.mapping(delivery.value)
        if body.get("alertId"):
            return [self._told(body, notes)]
        fields = plain(body)
        messages = nested(fields.get("messages"), notes)
        if "alertname" in fields and isinstance(messages, list):
            return [_logs(fields, objects(messages, notes))]
        return rejected("There is neither an `alertId` nor an `AlertName` with `messages`; this is not VMware's.")

    def _told(self, body: Mapping[str, Any], notes: Notes) -> Told:
        level = reading.text(first(("criticality", "alertCriticality"), body), 80, notes, "criticality")
        word = level.upper().removeprefix(LEVEL)
        return Told(
            status=self.status_of(first(("status", "alertStatus"), body), notes),
            identity=("alert", body.get("alertId")),
            titles=[body.get("alertName"), body.get("info"), body.get("subType"), body.get("type")],
            severity=None if word in NO_LEVEL else word,
            description=first(("info", "description"), body),
            resource=("object", first(("resourceName", "resourceId"), body)),
            labels={name: body[name] for name in KEPT if body.get(name) not in (None, "")},
            starts_at=body.get("startDate"),
            ends_at=body.get("cancelDate"),
            source_event_id=body.get("alertId"),
        )


def _logs(fields: Mapping[str, object], messages: list[Mapping[str, Any]]) -> Told:
    message = messages[0] if messages else {}
    hosts = {_host(one) for one in messages}
    host = next(iter(hosts)) if len(hosts) == 1 else None
    return Told(
        status=Status.FIRING,
        identity=("log alert", fields["alertname"]),
        titles=[fields["alertname"]],
        severity=pick(fields, "severity", "criticality"),
        description=pick(fields, "info", "description") or message.get("text"),
        resource=("host", host) if host else None,
        links={"results": pick(fields, "url", "resultsurl"), "edit": fields.get("editurl")},
        starts_at=message.get("timestamp") or pick(fields, "triggeredat", "timestamp"),
    )


def _host(message: Mapping[str, Any]) -> str | None:
    """The one field `hostname` of a log message; an object or a list of `name` and `content`."""
    fields = message.get("fields")
    pairs = [reading.mapping(one) for one in fields] if isinstance(fields, list) else []
    told = [one.get("content") for one in pairs if one.get("name") == "hostname"]
    return next((one for one in (*told, reading.mapping(fields).get("hostname")) if isinstance(one, str) and one), None)
