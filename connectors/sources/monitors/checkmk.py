"""Checkmk: a notification script posts its `NOTIFY_…` variables, or some of them under names of its own.

Hosts and services are told apart by `WHAT`. Scripts in use give a service's state as `severity` and a host's as
`status`; for hosts their `severity` is a constant OK and says nothing.
"""

from collections.abc import Iterable

from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.sources.monitors import nagios
from connectors.sources.monitors.names import inner, pick
from connectors.told import Source, Told, rejected

WORDS = ("notificationtype", "servicestate", "hoststate", "state", "what", "event")


class Checkmk(Source):
    """Host and service notifications of Checkmk."""

    slug = "checkmk"
    title = "Checkmk"
    documentation = "https://docs.checkmk.com/latest/en/notifications.html#scripts"
    fingerprint_fields = ("site, host, service",)
    statuses = nagios.STATUSES
    severities = nagios.SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification."""
        fields = nagios.macros(inner(delivery.value, *nagios.WRAPPERS, "context"))
        fields.setdefault("site", fields.get("omdsite"))
        if pick(fields, *nagios.HOST) is None or pick(fields, *WORDS) is None:
            return rejected("There is no host with a notification type, an event or a state; this is not Checkmk's.")
        return nagios.quiet(fields) or [nagios.check(self, fields, notes)]
