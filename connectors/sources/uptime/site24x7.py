"""Site24x7's webhooks: incident parameters of one monitor a delivery, under names in capitals.

`STATUS` is both: TROUBLE and CRITICAL are levels as well as states. DOWN is worse than both, and carries no word of
severity; where none is told, critical is assumed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Severity, Status

STATUSES = {
    "down": Status.FIRING,
    "critical": Status.FIRING,
    "trouble": Status.FIRING,
    "up": Status.RESOLVED,
    "maintenance": Status.SUPPRESSED,
    "suspended": Status.SUPPRESSED,
}
SEVERITIES = {"trouble": Severity.WARNING}
LEVELS = {"trouble", "critical"}
NUMBERS = ("MONITOR_ID", "MONITORID")
NAMES = ("MONITORNAME", "MONITOR_NAME", "MONITORURL")
LABELS = ("MONITORTYPE", "MONITOR_GROUPNAME", "FAILED_LOCATIONS", "POLLFREQUENCY", "OUTAGE_DURATION")


class Site24x7(Source):
    """States of Site24x7's monitors."""

    slug = "site24x7"
    title = "Site24x7"
    documentation = "https://www.site24x7.com/help/admin/third-party-integration/webhooks.html"
    media = frozenset({FORM})
    fingerprint_fields = ("MONITOR_ID, else MONITORNAME and MONITORURL",)
    statuses = STATUSES
    severities = SEVERITIES
    assumed = Severity.CRITICAL

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one state of a monitor."""
        body = {str(name).upper(): value for name, value in reading.mapping(delivery.value).items()}
        who = [reading.text(body.get(name), reading.TITLE, notes, name) for name in (*NUMBERS, *NAMES)]
        if "STATUS" not in body or not any(who):
            return rejected("There are no `STATUS` and no `MONITOR_ID` or `MONITORNAME`.")
        return [self._told(body, notes)]

    def _told(self, body: Mapping[str, Any], notes: Notes) -> Told:
        word, number = body.get("STATUS"), first(NUMBERS, body)
        status = self.status_of(word, notes)
        at = first(("INCIDENT_TIME_ISO", "INCIDENT_TIME"), body)
        began = first(("OUTAGE_TIME_UNIX_FORMAT",), body) or at
        return Told(
            status=status,
            identity=("monitor", number) if number else ("name", body.get("MONITORNAME"), body.get("MONITORURL")),
            titles=[body.get(name) for name in NAMES],
            severity=word if str(word).strip().lower() in LEVELS else body.get("SEVERITY"),
            description=first(("INCIDENT_REASON", "INCIDENT_DETAILS", "REASON"), body),
            resource=("target", body.get("MONITORURL")),
            environment=first(("environment", "env"), reading.tags(body.get("TAGS"))),
            labels=_labels(body, notes),
            links={
                "monitor": body.get("MONITOR_DASHBOARD_LINK"),
                "cause": body.get("RCA_LINK"),
                "target": body.get("MONITORURL"),
            },
            starts_at=began if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=number,
        )


def _labels(body: Mapping[str, Any], notes: Notes) -> dict[str, str]:
    """The parameters that describe the monitor; lists of tags as one text."""
    tags = body.get("TAGS")
    joined = ", ".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else tags
    found = {**{name: body.get(name) for name in LABELS}, "TAGS": joined}
    texts = {name.lower(): reading.text(value, reading.LABEL_VALUE, notes, name) for name, value in found.items()}
    return {name: value for name, value in texts.items() if value}
