"""What was read and what it may mean: charts, hypotheses, evidence for and against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.models import Citation, Evidence, Hypothesis, Remediation, StepRun
from console.drawing.chart import Chart, Event, draw
from console.drawing.series import Series, Spark, spark
from console.selectors import documents, symptoms
from core import clock
from incidents.models import Incident

MINIS = 3
TELLING = ("requests", "latency", "heap", "error_rate", "restarts")
"""Which other metrics say most beside the symptom, first the most telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence for or against, with the snapshot it rests on."""

    sentence: str
    source: str
    sha256: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A ranked explanation."""

    rank: int
    title: str
    summary: str
    percent: int
    runbook: str
    speaks_for: Sequence[Finding]
    speaks_against: Sequence[Finding]

    @property
    def is_top(self) -> bool:
        """Whether it is the first."""
        return self.rank == 1

    @property
    def count(self) -> str:
        """`2 for, 3 against`."""
        return f"{len(self.speaks_for)} for, {len(self.speaks_against)} against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """The chart and the small multiples under it."""

    title: str
    note: str
    read_at: datetime
    sha256: str
    chart: Chart
    minis: Sequence[Spark]


def causes(remediation: Remediation) -> Sequence[Cause]:
    """The hypotheses, best first, in two queries."""
    rows = list(Hypothesis.objects.filter(remediation=remediation).order_by("rank"))
    cited = list(Citation.objects.filter(hypothesis__in=rows).select_related("evidence").order_by("id"))
    return [_cause(row, [one for one in cited if one.hypothesis_id == row.pk]) for row in rows]


def _cause(row: Hypothesis, cited: Sequence[Citation]) -> Cause:
    return Cause(
        rank=row.rank,
        title=row.title,
        summary=row.summary,
        percent=round(row.confidence * 100),
        runbook=row.runbook,
        speaks_for=[_finding(one) for one in cited if one.supports],
        speaks_against=[_finding(one) for one in cited if not one.supports],
    )


def _finding(one: Citation) -> Finding:
    evidence = one.evidence
    return Finding(sentence=one.sentence, source=evidence.source, sha256=evidence.sha256, name=evidence.name)


def symptom(incident: Incident, remediation: Remediation, change: bytes, *, waits: bool) -> Symptom | None:
    """The symptom as a chart with the events on it; None where no metric was read yet."""
    rows = list(Evidence.objects.filter(remediation=remediation, kind__in=("metric", "change")).order_by("id"))
    contents = documents.read_many(row.sha256 for row in rows)
    metrics = [row for row in rows if row.kind == "metric"]
    if not metrics:
        return None
    since = symptoms.readings([remediation]).get(remediation.pk, ())
    watched = symptoms.watched_by(change)
    main = symptoms.choose(metrics, incident, watched)
    drawn = symptoms.of(main, contents.get(main.sha256, b""), since, watched)
    if drawn is None or len(drawn.points) < 2:
        return None
    commits = [commit for row in rows if row.kind == "change" for commit in commits_of(contents.get(row.sha256, b""))]
    return Symptom(
        title=drawn.label,
        note=_note(drawn),
        read_at=max(main.read_at, _last_reading(drawn)),
        sha256=main.sha256,
        chart=draw(drawn, events_of(incident, remediation, commits), waits=waits),
        minis=_minis([row for row in metrics if row.pk != main.pk], contents, main.name.partition("-")[2]),
    )


def commits_of(content: bytes) -> list[tuple[datetime, str]]:
    """When which commits were made, from the snapshot of what changed."""
    found = []
    for commit in documents.parsed(content).get("commits", []):
        moment = _moment(commit.get("at")) if isinstance(commit, dict) else None
        if moment is not None:
            found.append((moment, str(commit.get("sha", ""))[:7]))
    return found


def _last_reading(series: Series) -> datetime:
    return datetime.fromtimestamp(series.points[-1][0], tz=clock.now().tzinfo)


def _note(series: Series) -> str:
    first, last = series.points[0][0], series.points[-1][0]
    steps = sorted(b[0] - a[0] for a, b in zip(series.points, series.points[1:], strict=False))
    every = steps[len(steps) // 2] if steps else 0
    return f"{_seconds(last - first)}, every {_seconds(every)}"


def _seconds(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds:.0f} s"


def _minis(rows: Sequence[Evidence], contents: Mapping[str, bytes], service: str) -> list[Spark]:
    """Up to three other metrics, those of the same service first."""
    drawn: list[Spark] = []

    def order(row: Evidence) -> tuple[bool, int, int]:
        signal, _, of_service = row.name.partition("-")
        return of_service != service, TELLING.index(signal) if signal in TELLING else len(TELLING), row.pk

    for row in sorted(rows, key=order):
        series = symptoms.of(row, contents.get(row.sha256, b""))
        if series is not None and len(series.points) > 1 and len(drawn) < MINIS:
            drawn.append(replace(spark(series), label=series.label))
    return drawn


def events_of(incident: Incident, remediation: Remediation, commits: Sequence[tuple[datetime, str]]) -> list[Event]:
    """What belongs on the axis: commits, the alert, the action, the recovery."""
    began = incident.began_at
    events = [Event(at=began, text=f"{began:%H:%M:%S} alert", short=f"{began:%H:%M} alert")]
    events += [Event(at=at, text=f"{at:%H:%M:%S} commit {sha}", short=f"{at:%H:%M} commit") for at, sha in commits[:3]]
    for step in StepRun.objects.filter(run__remediation=remediation, ended_at__isnull=False).order_by("ended_at"):
        word = "undone" if step.direction == "undo" else "acted"
        ended = step.ended_at or step.started_at
        text = f"{ended:%H:%M:%S} {word}: {_short(step.title)}"
        events.append(Event(at=ended, text=text, short=f"{ended:%H:%M} {word}"))
    if remediation.state == "COMPLETED" and remediation.ended_at:
        ended = remediation.ended_at
        events.append(Event(at=ended, text=f"{ended:%H:%M:%S} recovered", short="recovered"))
    return events


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"


def _moment(value: object) -> datetime | None:
    try:
        return clock.from_rfc3339(value) if isinstance(value, str) else None
    except ValueError:
        return None
