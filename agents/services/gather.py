"""Read what a diagnosis rests on; a source that does not answer is noted and the others go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents import evidence
from agents.evidence import Snapshot
from agents.scope import Scoped
from connectors.base import ChangeReader, Commit, LogLine, LogReader, MetricReader, ReaderError, Series
from connectors.registry import open_reader
from core import clock
from core.errors import ConsoleError
from incidents import topology
from incidents.models import Incident

SIGNALS = ("heap", "heap_limit", "oom", "restarts", "error_rate", "requests", "latency")
LOG_BYTES = 60_000
CHANGES_S = 3600.0
FAILURES_A_READER = 2
SERIOUS = frozenset({"error", "critical", "fatal", "warning", "warn"})


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Everything that was read, as snapshots to keep and as values to reason about.

    Attributes:
        grows: whether metrics or logs were asked for, so that there may be more of them in a while.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    series: dict[tuple[str, str], list[Series]] = field(default_factory=dict)
    logs: dict[str, list[LogLine]] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    changes_evidence: str = ""
    topology_evidence: str = ""
    grows: bool = False


def gather(
    incident: Incident, scope: Sequence[Scoped], *, window_s: float, step_s: float, alive: Callable[[str], None]
) -> Gathered:
    """Read metrics, logs, changes, alerts and topology. Writes nothing; hold no lock around it.

    `alive` is called before each read with a sentence of what is read; it may raise to stop the reading.
    """
    found = Gathered()
    found.snapshots.append(_alerts(incident))
    _topology(found, incident, scope)
    _metrics(found, incident, scope, window_s, step_s, alive)
    _logs(found, incident, scope, alive)
    _changes(found, incident, alive)
    return found


def _alerts(incident: Incident) -> Snapshot:
    alerts = list(incident.alerts.order_by("id")[:50])
    firing = sum(alert.status != "resolved" for alert in alerts)
    rows = [
        {
            "title": evidence.plain(alert.title),
            "service": evidence.plain(alert.service),
            "severity": alert.severity,
            "status": alert.status,
            "first_seen_at": clock.rfc3339(alert.first_seen_at),
        }
        for alert in alerts
    ]
    return Snapshot(
        name="alerts",
        kind="alert",
        source="incident",
        sentence=f"{firing} of {len(alerts)} alerts are firing: {'; '.join(alert.title for alert in alerts[:3])}"[:500],
        read_at=clock.now(),
        facts={"firing": firing, "alerts": len(alerts)},
        body={"alerts": rows},
    )


def _topology(found: Gathered, incident: Incident, scope: Sequence[Scoped]) -> None:
    graph = topology.graph()
    slugs = {one.service.slug for one in scope}
    edges = sorted((caller, callee) for caller, callee in graph.edges if caller in slugs or callee in slugs)
    callees = sorted({callee for caller, callee in edges if caller == incident.service})
    calls = (
        f"{incident.service} calls {', '.join(callees)}"
        if callees
        else f"{incident.service} calls nothing that we know of"
    )
    found.topology_evidence = "topology"
    found.snapshots.append(
        Snapshot(
            name="topology",
            kind="topology",
            source="service catalogue",
            sentence=f"{calls}.",
            read_at=clock.now(),
            facts={"services": sorted(slugs)},
            body={"edges": [{"caller": caller, "callee": callee} for caller, callee in edges]},
        )
    )


def _metrics(
    found: Gathered,
    incident: Incident,
    scope: Sequence[Scoped],
    window_s: float,
    step_s: float,
    alive: Callable[[str], None],
) -> None:
    wanted = [
        (one.service.slug, signal, str(one.service.signals[signal]))
        for one in scope
        for signal in SIGNALS
        if one.service.signals.get(signal)
    ]
    reader = _opened(found, "prometheus", "metric", incident)
    if not isinstance(reader, MetricReader):
        return
    failures, end = 0, clock.now()
    found.grows = bool(wanted)
    start = end - timedelta(seconds=window_s)
    for slug, signal, query in wanted:
        name = f"{signal}-{slug}"
        if failures >= FAILURES_A_READER:
            return
        alive(f"reads {len(wanted)} series and the logs of {len(scope)} services")
        try:
            series = reader.range(query, start=start, end=end, step_s=step_s)
        except ReaderError as error:
            failures += 1
            found.snapshots.append(evidence.failure(name, "metric", "metrics", error.detail, clock.now()))
            continue
        found.series[slug, signal] = series
        body = evidence.metric_body(query, start, end, step_s, series)
        found.snapshots.append(_metric(name, slug, signal, series, body))


def _metric(name: str, slug: str, signal: str, series: Sequence[Series], body: dict[str, object]) -> Snapshot:
    values = [value for one in series for _, value in one.points]
    words = signal.replace("_", " ")
    facts: dict[str, object] = {"points": len(values)}
    if values:
        facts |= {"last": values[-1], "low": min(values), "high": max(values)}
        spread = f"from {min(values):.4g} to {max(values):.4g}, last {values[-1]:.4g}"
        sentence = f"{words} of {slug}: {len(values)} readings {spread}."
    else:
        sentence = f"{words} of {slug}: nothing was measured in this window."
    return Snapshot(
        name=name, kind="metric", source="prometheus", sentence=sentence, read_at=clock.now(), facts=facts, body=body
    )


def _logs(found: Gathered, incident: Incident, scope: Sequence[Scoped], alive: Callable[[str], None]) -> None:
    reader, failures = _opened(found, "supervisor", "log", incident), 0
    if not isinstance(reader, LogReader):
        return
    for one in scope:
        process = one.service.targets.get("supervisor")
        if not process or failures >= FAILURES_A_READER:
            continue
        name = f"logs-{one.service.slug}"
        found.grows = True
        alive(f"reads the logs of {one.service.slug}")
        try:
            lines = reader.tail(str(process), max_bytes=LOG_BYTES)
        except ReaderError as error:
            failures += 1
            found.snapshots.append(evidence.failure(name, "log", "logs", error.detail, clock.now()))
            continue
        found.logs[one.service.slug] = lines
        found.snapshots.append(_log(name, one.service.slug, str(process), lines))


def _log(name: str, slug: str, process: str, lines: Sequence[LogLine]) -> Snapshot:
    serious = [line for line in lines if line.level in SERIOUS]
    excerpt = [*serious[-40:], *[line for line in lines if line.level not in SERIOUS][-20:]]
    last = f" Last: {serious[-1].message}" if serious else ""
    sentence = f"{len(serious)} of the last {len(lines)} log lines of {slug} are warnings or errors.{last}"
    return Snapshot(
        name=name,
        kind="log",
        source="supervisor",
        sentence=evidence.plain(sentence, 500),
        read_at=clock.now(),
        facts={"lines": len(lines), "serious": len(serious)},
        body=evidence.log_body(process, excerpt, len(lines)),
    )


def _changes(found: Gathered, incident: Incident, alive: Callable[[str], None]) -> None:
    reader = _opened(found, "git", "change", incident)
    if not isinstance(reader, ChangeReader):
        return
    since = clock.now() - timedelta(seconds=CHANGES_S)
    alive("reads the changes of the last hour")
    try:
        found.commits = reader.recent(since)
    except ReaderError as error:
        found.snapshots.append(evidence.failure("changes", "change", "git", error.detail, clock.now()))
        return
    found.changes_evidence = "changes"
    found.snapshots.append(_change(since, found.commits))


def _change(since: datetime, commits: Sequence[Commit]) -> Snapshot:
    latest = f"; the latest is {commits[0].sha[:7]} “{commits[0].subject}” by {commits[0].author}" if commits else ""
    return Snapshot(
        name="changes",
        kind="change",
        source="git",
        sentence=evidence.plain(f"{len(commits)} commits in the last hour{latest}.", 500),
        read_at=clock.now(),
        facts={"commits": len(commits)},
        body=evidence.change_body(since, commits),
    )


def _opened(found: Gathered, kind: str, evidence_kind: str, incident: Incident) -> object:
    """The reader; None, and a note among the evidence, where there is none."""
    try:
        return open_reader(kind, incident.environment)
    except ConsoleError as error:
        name = {"metric": "metrics", "log": "logs"}.get(evidence_kind, "changes")
        found.snapshots.append(evidence.failure(name, evidence_kind, name, error.detail, clock.now()))
        return None
