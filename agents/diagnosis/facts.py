"""What the detectors are given and what they answer."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One measured series.

    Attributes:
        evidence: name of the stored snapshot that it was taken from.
        times: seconds since the epoch, one per value, in any order.
        values: NaN means that nothing was measured.
    """

    evidence: str
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """What was read about one service.

    Attributes:
        distance: calls between the symptom and this service; 0 where the symptom itself shows.
        memory_lines: log lines that speak of memory running out, and the evidence they stand in.
    """

    slug: str
    distance: int = 0
    heap: Samples | None = None
    heap_limit: Samples | None = None
    oom: Samples | None = None
    restarts: Samples | None = None
    error_rate: Samples | None = None
    requests: Samples | None = None
    latency: Samples | None = None
    memory_lines: int = 0
    logs_evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFacts:
    """A change that somebody made: `service` is whose file it touched."""

    sha: str
    at: float
    author: str
    subject: str
    service: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a diagnosis rests on.

    Attributes:
        symptom: services that the incident is about.
        topology_evidence, changes_evidence: names of those snapshots; empty if they could not be read.
        services: the symptom's services and those they call, nearest first.
    """

    now: float
    window_s: float
    step_s: float
    symptom: tuple[str, ...]
    services: tuple[ServiceFacts, ...]
    commits: tuple[CommitFacts, ...] = ()
    changes_evidence: str = ""
    topology_evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers that decide; a runbook's parameters override the first four.

    Attributes:
        min_r2: a leak's regression must explain more than this share of the heap's movement.
        min_share: share of the window's expected samples that must be there.
        min_span_s: shortest stretch that is judged at all.
        max_lag_s: longest time from a change to its effect.
        min_rise: a leak must have raised the heap by at least this share.
        min_error_rate: an error rate below this is not a symptom.
        min_factor: an error rate must have grown at least this many times.
        floor: below this confidence the answer is "don't know".
        sure: from this confidence on there is no point in waiting for more samples.
    """

    min_r2: float = 0.9
    min_share: float = 0.6
    min_span_s: float = 45.0
    max_lag_s: float = 900.0
    min_rise: float = 0.1
    min_error_rate: float = 0.01
    min_factor: float = 3.0
    floor: float = 0.5
    sure: float = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observation for or against an explanation, with the snapshot that shows it."""

    evidence: str
    supports: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An explanation before it was weighed against the others.

    Attributes:
        probability: 0..1, of this explanation by itself.
        runbook: slug of the runbook that remedies it; empty if there is none.
        parameters: what the runbook's templates are filled in with, all text.
        wait: why more samples would help, empty if they would not.
    """

    pattern: str
    service: str
    title: str
    summary: str
    probability: float
    findings: tuple[Finding, ...] = ()
    runbook: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    wait: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An explanation with the confidence that is shown."""

    candidate: Candidate
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The ranked answer.

    Attributes:
        hypotheses: best first; their confidences add up to at most 1.
        known: whether the best one is sure enough to plan on.
        wait: why it is better to look again than to decide now; empty otherwise.
        note: how the confidence was come by.
    """

    hypotheses: tuple[Ranked, ...]
    known: bool
    wait: str
    note: str
