"""Turn what was read into what the detectors take."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta

from agents.diagnosis.facts import CommitFacts, Facts, Limits, Samples, ServiceFacts
from agents.scope import Scoped
from agents.services.gather import SIGNALS, Gathered
from connectors.base import LogLine, Series
from core import clock
from incidents.models import Incident

MEMORY = re.compile(r"out of memory|\boom\b|oom[-_ ]?kill|memoryerror|cannot allocate memory", re.IGNORECASE)


def facts_of(incident: Incident, scope: Sequence[Scoped], found: Gathered, numbers: Mapping[str, float]) -> Facts:
    """The facts of a diagnosis; times are seconds since the epoch."""
    symptom = tuple(one.service.slug for one in scope if one.distance == 0) or (incident.service,)
    return Facts(
        now=clock.timestamp(),
        window_s=numbers["window_s"],
        step_s=numbers["step_s"],
        symptom=symptom,
        services=tuple(_service(one, found, numbers["window_s"]) for one in scope),
        commits=_commits(scope, found),
        changes_evidence=found.changes_evidence,
        topology_evidence=found.topology_evidence,
    )


def limits_of(numbers: Mapping[str, float]) -> Limits:
    """The thresholds: runbooks' parameters by the same names, defaults for the rest."""
    return Limits(**{one.name: numbers[one.name] for one in fields(Limits) if one.name in numbers})


def _service(one: Scoped, found: Gathered, window_s: float) -> ServiceFacts:
    slug = one.service.slug
    lines = [line for line in found.logs.get(slug, []) if _speaks_of_memory(line, window_s)]
    signals = {signal: _samples(slug, signal, found) for signal in SIGNALS}
    return ServiceFacts(
        slug=slug, distance=one.distance, memory_lines=len(lines), logs_evidence=f"logs-{slug}", **signals
    )


def _speaks_of_memory(line: LogLine, window_s: float) -> bool:
    recent = line.at is not None and line.at >= clock.now() - timedelta(seconds=window_s)
    return recent and bool(MEMORY.search(line.message))


def _samples(slug: str, signal: str, found: Gathered) -> Samples | None:
    series = found.series.get((slug, signal))
    if series is None:
        return None
    merged = _merged(series, add=signal == "requests")
    return Samples(evidence=f"{signal}-{slug}", times=tuple(merged), values=tuple(merged.values()))


def _merged(series: Sequence[Series], *, add: bool) -> dict[float, float]:
    """Several instances as one: requests add up, of anything else the highest counts."""
    merged: dict[float, float] = {}
    for one in series:
        for at, value in one.points:
            merged[at] = (merged.get(at, 0.0) + value) if add else max(merged.get(at, value), value)
    return dict(sorted(merged.items()))


def _commits(scope: Sequence[Scoped], found: Gathered) -> tuple[CommitFacts, ...]:
    owners = {str(path): one.service.slug for one in scope if (path := one.service.targets.get("config_path"))}
    return tuple(
        CommitFacts(
            sha=commit.sha,
            at=commit.at.timestamp(),
            author=commit.author,
            subject=commit.subject,
            service=owners[path],
            files=(path,),
        )
        for commit in found.commits
        for path in commit.files
        if path in owners
    )
