"""Splunk's webhook alert action: the first result of a saved search that matched.

There is no resolve, no severity of its own and no id of the alert: `sid` belongs to one run of the search. The saved
search in its app is the alert; without a name, what `sid` says about the search before the time of the run.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Status

RUN = re.compile(r"_at_\d+(_[\d.]+)?.*$")
SCHEDULED = re.compile(r"scheduler__.*_at_(\d{9,10})(?:_|$)")


class Splunk(Source):
    """Alerts of Splunk Enterprise and Splunk Cloud Platform."""

    slug = "splunk"
    title = "Splunk"
    documentation = "https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks"
    fingerprint_fields = ("app and search_name",)

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one run of a saved search."""
        body = reading.mapping(delivery.value)
        listed = next(iter(objects(body.get("results"), notes)), {})
        result = reading.mapping(body.get("result")) or reading.mapping(body.get("_result")) or listed
        if not result and first(("search_name", "sid", "results_link"), body) is None:
            return rejected("There is neither a `result` nor a `search_name`; this is no Splunk webhook.")
        if not reading.text(body.get("search_name"), reading.TITLE, notes, "search_name"):
            notes.add("The search has no name.")
        return [_told(body, result, notes)]


def _told(body: Mapping[str, Any], result: Mapping[str, Any], notes: Notes) -> Told:
    host = _one(first(("host", "dest", "hostname", "splunk_server", "src"), result))
    return Told(
        status=Status.FIRING,
        identity=_identity(body, result, notes),
        titles=[
            body.get("search_name"),
            *(_one(result.get(name)) for name in ("message", "signature", "_raw", "source")),
            "A Splunk search without a name",
        ],
        severity=_severity(result),
        description=_one(first(("message", "_raw", "description"), result)),
        resource=("host", host) if host is not None else None,
        service=_one(first(("service", "service_name", "app_name"), result)),
        environment=_one(first(("environment", "env"), result)),
        region=_one(result.get("region")),
        labels={
            name: value
            for name, value in {**result, "app": body.get("app"), "owner": body.get("owner")}.items()
            if isinstance(value, str | int | float) and value != "" and not name.startswith(("_", "date_"))
        },
        links={"results": body.get("results_link")},
        starts_at=_one(first(("_time", "_indextime"), result)) or _ran_at(body.get("sid")),
        source_event_id=body.get("sid"),
    )


def _severity(result: Mapping[str, Any]) -> object:
    """The first word that is known: `severity` is often a number of the tool whose log was searched."""
    told = [_one(result.get(name)) for name in ("severity", "severity_label", "urgency")]
    return next((word for word in told if reading.severity(word)), next((word for word in told if word), None))


def _identity(body: Mapping[str, Any], result: Mapping[str, Any], notes: Notes) -> tuple[object, ...]:
    name = reading.text(body.get("search_name"), reading.DESCRIPTION, notes, "search_name")
    if name:
        return ("search", body.get("app"), name)
    sid = body.get("sid")
    if isinstance(sid, str) and RUN.search(sid):
        return ("sid", RUN.sub("", sid))
    return ("result", *(result.get(name) for name in ("host", "source", "sourcetype")))


def _ran_at(sid: object) -> str | None:
    """When a scheduled search ran; a real-time one tells when it was begun, which says nothing."""
    found = SCHEDULED.match(sid) if isinstance(sid, str) else None
    return found[1] if found else None


def _one(value: object) -> object:
    """The first of several values of a field."""
    return (value[0] if value else None) if isinstance(value, list) else value
