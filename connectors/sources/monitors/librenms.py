"""LibreNMS alert transports of the type API: the body is a template of one's own over LibreNMS' variables.

`state` is a number: 0 recovered, 1 alert, 2 acknowledged, 3 worse, 4 better, 5 changed. `uid` is new with each message
and no identity; there is one alert for a rule on a device, whose row is `alert_id`. Templates in use also put the
fields into objects `alert`, `device` and `event`.
"""

from collections.abc import Iterable

from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.sources.monitors.names import pick, plain
from connectors.told import Source, Told, rejected
from incidents.events import Status

STATUSES = {
    "0": Status.RESOLVED,
    "1": Status.FIRING,
    "2": Status.ACKNOWLEDGED,
    "3": Status.FIRING,
    "4": Status.FIRING,
    "5": Status.FIRING,
    **dict.fromkeys(("recovered", "recovery", "ok", "resolved", "clear", "cleared"), Status.RESOLVED),
    **dict.fromkeys(("alert", "active", "raised", "worse", "better", "changed", "firing"), Status.FIRING),
    **dict.fromkeys(("ack", "acknowledged"), Status.ACKNOWLEDGED),
}
PARTS = ("alert", "device", "event")
DEVICE = ("hostname", "sysname", "display", "deviceid", "ip")
KEPT = ("sysname", "os", "type", "ip", "version", "hardware", "location", "rule", "ruleid", "deviceid", "display")


class LibreNms(Source):
    """Alerts of network devices from LibreNMS."""

    slug = "librenms"
    title = "LibreNMS"
    documentation = "https://docs.librenms.org/Alerting/Templates/"
    fingerprint_fields = ("device, rule id or name; else alert id",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert or its recovery."""
        fields = _fields(delivery.value)
        device, rule = pick(fields, *DEVICE), pick(fields, "ruleid", "name", "rule")
        alert = pick(fields, "alertid", "id", "uid")
        if "state" not in fields or (device is None and "alertid" not in fields):
            return rejected("There is no `state` with a device or an `alert_id`; this is no LibreNMS alert.")
        time = fields.get("timestamp")
        status = self.status_of(fields["state"], notes)
        known = device is not None and rule is not None
        return [
            Told(
                status=status,
                identity=("rule on device", device, rule) if known else ("alert", alert, device, rule),
                titles=[pick(fields, name) for name in ("name", "title", "rule", "msg")],
                severity=fields.get("severity"),
                description=pick(fields, "msg", "string", "description", "title", "notes"),
                resource=("device", device),
                environment=pick(fields, "environment", "env"),
                region=fields.get("location"),
                labels={name: fields[name] for name in KEPT if name in fields},
                starts_at=time if status is not Status.RESOLVED else None,
                ends_at=time,
                at=time,
                source_event_id=pick(fields, "alertid", "id"),
            )
        ]


def _fields(value: object) -> dict[str, object]:
    """The fields by their plain names; those in an object `alert`, `device` or `event` by their own as well."""
    fields = plain(value)
    if "state" not in fields:
        for part in PARTS:
            for name in [name for name in fields if name.startswith(part)]:
                fields.setdefault(name.removeprefix(part), fields[name])
    return fields
