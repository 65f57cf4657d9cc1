"""The series behind a sparkline or a chart, out of the evidence that was stored."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.models import Evidence, Reading, Remediation
from console.drawing.series import Sample, Series
from console.selectors import documents
from incidents.models import Incident

SIGNALS: Mapping[str, tuple[str, str]] = {
    "error_rate": ("Error rate", "ratio"),
    "heap": ("Heap", "bytes"),
    "heap_limit": ("Heap limit", "bytes"),
    "latency": ("Latency", "s"),
    "oom": ("Killed for memory", ""),
    "requests": ("Requests", "/s"),
    "restarts": ("Restarts", ""),
}
"""What a signal of the service catalogue is called, and its unit."""
MEMORY = re.compile(r"heap|memory|leak|oom|restart|killed", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the plan will judge by: its query and the limit that must not be crossed."""

    query: str = ""
    limit: float | None = None
    above: bool = True


def newest(incidents: Mapping[int, Incident], remediations: Iterable[Remediation]) -> dict[int, Series]:
    """For each remediation its symptom: the metric it was read by, followed by the readings since. Three queries."""
    live = list(remediations)
    rows = Evidence.objects.filter(remediation__in=live, kind="metric").order_by("id") if live else []
    by_remediation: dict[int, list[Evidence]] = {}
    for row in rows:
        by_remediation.setdefault(row.remediation_id, []).append(row)
    changes = documents.read_many(one.change_digest for one in live)
    watched = {one.pk: watched_by(changes.get(one.change_digest, b"")) for one in live}
    chosen = {
        one.pk: choose(by_remediation[one.pk], incidents[one.incident_id], watched[one.pk])
        for one in live
        if one.pk in by_remediation and one.incident_id in incidents
    }
    contents = documents.read_many(row.sha256 for row in chosen.values())
    since = readings(live)
    found = {}
    for pk, row in chosen.items():
        series = of(row, contents.get(row.sha256, b""), since.get(pk, ()), watched[pk])
        if series is not None:
            found[pk] = series
    return found


def watched_by(change: bytes) -> Watched:
    """What a change's own verification says; empty before there is a change."""
    wanted = documents.parsed(change).get("verification") or {}
    compare = str(wanted.get("compare", "<"))
    return Watched(query=str(wanted.get("query", "")), limit=number(wanted.get("threshold")), above=compare == "<")


def choose(rows: Sequence[Evidence], incident: Incident, watched: Watched) -> Evidence:
    """The metric that shows the symptom: what the plan will judge by, else what the incident sounds like."""
    signal = "heap" if MEMORY.search(incident.title) else "error_rate"

    def weight(row: Evidence) -> tuple[bool, bool, bool, int]:
        name, _, service = row.name.partition("-")
        facts = row.facts or {}
        measured = bool(facts.get("points", 1)) and not facts.get("failed")
        return (
            measured,
            bool(watched.query) and f'"{service}"' in watched.query and signal_in(watched.query, name),
            name == signal and service == incident.service,
            row.pk,
        )

    return max(rows, key=weight)


def signal_in(query: str, signal: str) -> bool:
    """Whether a query reads this signal; recorded series carry its name, such as `service:heap_bytes{…}`."""
    stems = {"error_rate": ("error",), "heap": ("heap_bytes", "heap"), "latency": ("latency", "duration")}
    return any(stem in query for stem in stems.get(signal, (signal,)))


def of(
    evidence: Evidence, content: bytes, since: Sequence[Sample] = (), watched: Watched | None = None
) -> Series | None:
    """One stored metric as a series, or None where the snapshot holds no points."""
    body = documents.parsed(content)
    points = points_of(body)
    if not points:
        return None
    signal, _, service = evidence.name.partition("-")
    label, unit = SIGNALS.get(signal, (signal.replace("_", " ").capitalize(), ""))
    judged = watched if watched is not None and watched.query in {"", body.get("query")} else None
    later = since if watched is None or judged is not None else ()  # readings are of what is judged, of nothing else
    return Series(
        label=f"{label} of {service}" if service else label,
        short=label.lower(),
        points=[*points, *(sample for sample in later if sample[0] > points[-1][0])],
        unit=unit,
        limit=judged.limit if judged and judged.query else None,
        above=judged.above if judged else True,
        source=evidence.source,
    )


def points_of(body: Mapping[str, Any]) -> list[Sample]:
    """The points of the first series of a snapshot."""
    series = body.get("series")
    first = series[0] if isinstance(series, list) and series else {}
    points = []
    for row in first.get("points", []) if isinstance(first, dict) else []:
        at, value = number(row[0]), number(row[1])
        if at is not None and value is not None:
            points.append((at, value))
    return sorted(points)


def readings(remediations: Sequence[Remediation]) -> dict[int, list[Sample]]:
    """What was read of each symptom after its snapshot, in whatever stage: while people decide, and after acting."""
    rows = Reading.objects.filter(remediation__in=remediations, value__isnull=False).order_by("id")
    found: dict[int, list[Sample]] = {}
    for row in rows:
        found.setdefault(row.remediation_id, []).append((row.at.timestamp(), float(row.value or 0)))
    return found


def number(value: object) -> float | None:
    """A finite number out of JSON, where decimals are strings."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None
