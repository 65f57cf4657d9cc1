"""VMware vRealize (Aria) Operations: the REST notification plug-in; and alerts of Operations for Logs.

`cancelDate` is there while the alert is active, too, as the start again. Operations for Logs has other fields, knows no
end and no id: the name of the alert is all there is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
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
        if body.get("AlertName") and isinstance(body.get("messages"), list):
            return [_logs(body, notes)]
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


def _logs(body: Mapping[str, Any], notes: Notes) -> Told:
    message = next(iter(objects(body.get("messages"), notes)), {})
    return Told(
        status=Status.FIRING,
        identity=("log alert", body.get("AlertName")),
        titles=[body.get("AlertName")],
        description=first(("Info",), body) or message.get("text"),
        links={"results": body.get("Url"), "edit": body.get("EditUrl")},
        starts_at=message.get("timestamp"),
    )
