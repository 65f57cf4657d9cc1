"""Papertrail: the log lines, or their counts, that matched a saved search.

All of them are one alert, that of the search; it never ends. A search that alerts when nothing matched sends an empty
list.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM
from connectors.reading import Notes
from connectors.told import Source, Told, objects, rejected
from incidents.events import Status


class Papertrail(Source):
    """Matches of Papertrail's saved searches."""

    slug = "papertrail"
    title = "Papertrail"
    documentation = "https://www.papertrail.com/help/webhooks/"
    media = frozenset({FORM})
    fingerprint_fields = ("saved search id, else its name",)

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand the matches of one search."""
        body = reading.mapping(delivery.value)
        search, lines, counts = reading.mapping(body.get("saved_search")), body.get("events"), body.get("counts")
        if not search or not isinstance(lines if isinstance(lines, list) else counts, list):
            return rejected("There is no `saved_search` with a list of `events` or `counts`; this is not Papertrail's.")
        if isinstance(lines, list) and lines:
            return [_line(search, line) for line in objects(lines, notes)]
        if isinstance(counts, list) and counts:
            return [_count(search, count) for count in objects(counts, notes)]
        return [_told(search, description="Nothing matched the search.", titles=[search.get("name")])]


def _line(search: Mapping[str, Any], line: Mapping[str, Any]) -> Told:
    message, name = line.get("message"), search.get("name")
    return _told(
        search,
        titles=[f"{name}: {message}" if isinstance(name, str) and isinstance(message, str) else name],
        severity=line.get("severity"),
        description=message,
        resource=("host", first(("hostname", "source_name", "source_ip"), line)),
        service=line.get("program"),
        labels={key: line[key] for key in ("facility", "program", "source_name", "source_ip") if line.get(key)},
        starts_at=first(("received_at", "generated_at"), line),
        source_event_id=line.get("id"),
    )


def _count(search: Mapping[str, Any], count: Mapping[str, Any]) -> Told:
    series = reading.mapping(count.get("timeseries"))
    return _told(
        search,
        titles=[search.get("name")],
        description=f"{sum(reading.number(value) or 0 for value in series.values()):.0f} lines matched the search.",
        resource=("host", count.get("source_name")),
        starts_at=min((str(second) for second in series), default=None),
        source_event_id=search.get("id"),
    )


def _told(search: Mapping[str, Any], **told: Any) -> Told:  # noqa: ANN401 -- of Told
    return Told(
        status=Status.FIRING,
        identity=("search", search.get("id") or search.get("name")),
        links={"search": search.get("html_search_url"), "edit": search.get("html_edit_url")},
        **told,
    )
