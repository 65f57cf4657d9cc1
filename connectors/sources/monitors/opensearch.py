"""OpenSearch's monitors: their default message as a text, and messages of one's own over `ctx.monitor`, `ctx.trigger`.

A monitor's action is sent while its trigger's condition holds; only a message that tells the alert's state can say that
it is over. Severities go from 1, the highest, to 5.
"""

import re
from collections.abc import Mapping
from typing import Any

from connectors.reading import Notes
from connectors.sources.monitors.names import lines, pick, plain
from connectors.told import Source, Told
from incidents.events import Status

STATES = {
    "active": Status.FIRING,
    "acknowledged": Status.ACKNOWLEDGED,
    "completed": Status.RESOLVED,
    "deleted": Status.RESOLVED,
    "error": Status.FIRING,
    "audit": Status.SUPPRESSED,
}
GRADES = {"1": "critical", "2": "high", "3": "medium", "4": "low", "5": "info"}
ENTERED = re.compile(r"^\W*(?:Monitor|Detector)\s+(.+?)\s+just entered (?:an? )?alert (?:status|state)", re.IGNORECASE)
MONITOR = ("ctxmonitorname", "monitorname", "monitor")
TRIGGER = ("ctxtriggername", "triggername", "trigger")
SEVERITY = ("ctxtriggerseverity", "triggerseverity", "severity")
STATE = ("ctxalertstate", "alertstate", "state", "status")
START = ("ctxalertstarttime", "alertstarttime", "starttime", "ctxperiodstart", "periodstart")


def told(body: Mapping[str, Any], source: Source, notes: Notes) -> Told | None:
    """A monitor's alert; None for what is none."""
    text = body.get("text") or body.get("message") or body.get("content")
    fields = plain(body)
    found = ENTERED.match(text) if isinstance(text, str) else None
    if isinstance(text, str) and found:
        fields = {**plain(lines(text)), "monitorname": found[1]} | {k: v for k, v in fields.items() if v is not text}
    monitor, trigger = pick(fields, *MONITOR), pick(fields, *TRIGGER)
    if monitor is None or (trigger is None and not found):
        return None
    word, severity = pick(fields, *STATE), pick(fields, *SEVERITY)
    status = Status.FIRING if word is None else source.status_of(word, notes)
    buckets = pick(fields, "bucketkeys", "ctxalertbucketkeys")
    ended = pick(fields, "ctxalertendtime", "alertendtime", "endtime", "ctxperiodend", "periodend")
    return Told(
        status=status,
        identity=("monitor and trigger", monitor, trigger, buckets),
        titles=[f"{monitor}: {trigger}" if trigger is not None and trigger != monitor else monitor],
        severity=GRADES.get(str(severity), severity),
        description=text,
        resource=("bucket", buckets) if isinstance(buckets, str) else None,
        labels={name: fields[name] for name in ("monitorid", "ctxmonitorid", "triggerid") if name in fields},
        starts_at=pick(fields, *START),
        ends_at=ended,
        source_event_id=pick(fields, "alertid", "ctxalertid", "monitorid", "ctxmonitorid"),
    )
