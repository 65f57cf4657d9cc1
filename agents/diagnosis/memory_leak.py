"""Memory leak: the heap rises in a straight line and the process died of it.

The signature (S06): slope > 0 and R² > 0.9 over the window, together with out-of-memory or restart evidence. Where the
process already died and began again within the window, the line is fitted with one slope and a level of its own after
each restart; a heap that falls without a restart is a garbage collector at work and is not cut. Where only the end of
the window is straight, that end is judged if it is still enough to judge.

Confidence = logistic(-3.4 + (R² - min)/0.05 + 0.6·(rise - 0.1)/0.2 + 4·died + 0.6·near limit), the R² and rise terms
held within [-4, 2] and [-3, 2]; without death at most 0.6. The weights were chosen by hand on synthetic series.
"""

from itertools import pairwise

import numpy as np

from agents.diagnosis.facts import Candidate, Facts, Finding, Limits, ServiceFacts
from agents.diagnosis.numbers import (
    Floats,
    Trend,
    clean,
    duration,
    increases,
    logistic,
    megabytes,
    percent,
    trend,
    within,
)

PATTERN = "memory-leak"
RUNBOOK = "restart-service"


def detect(facts: Facts, limits: Limits) -> list[Candidate]:
    """One candidate for each service whose heap was read."""
    return [_judge(service, facts, limits) for service in facts.services if service.heap is not None]


def _judge(service: ServiceFacts, facts: Facts, limits: Limits) -> Candidate:
    times, values = clean(service.heap)
    deaths = _deaths(service)
    if _too_short(times, facts, limits):
        return _too_early(service, times, facts, limits)
    cuts = tuple(_drops_at_deaths(times, values, deaths, facts.step_s))
    times, values, line = _straightest(times, values, cuts, facts, limits)
    cuts = tuple(cut for cut in cuts if cut > times[0])
    limit = _limit(service)
    rise = _rise(times, values, line, cuts)
    leaks = line.slope > 0 and line.r2 > limits.min_r2 and rise >= limits.min_rise
    to_limit = (limit - float(values[-1])) / line.slope if limit and line.slope > 0 else None
    findings = [_line_finding(service, line, rise, leaks, times), *_death_findings(service, deaths)]
    if leaks and to_limit is not None and limit is not None and service.heap is not None:
        sentence = f"At this pace it reaches its limit of {megabytes(limit)} in {duration(max(0.0, to_limit))}."
        findings.append(Finding(evidence=service.heap.evidence, supports=True, sentence=sentence))
    died = bool(deaths) or service.memory_lines > 0
    probability = _probability(
        line, rise, leaks=leaks, died=died, near=to_limit is not None and to_limit < 3600, limits=limits
    )
    return Candidate(
        pattern=PATTERN,
        service=service.slug,
        title=f"{service.slug} leaks memory"
        if leaks
        else f"{service.slug} leaks memory (its heap does not look like it)",
        summary=_summary(service, line, times, leaks=leaks, died=died),
        probability=probability,
        findings=tuple(findings),
        runbook=RUNBOOK if leaks else "",
        parameters=_parameters(service, values, cuts, limit) if leaks else {},
        wait=_wait(service, line, rise, leaks=leaks, died=died, limits=limits),
    )


def _straightest(
    times: Floats, values: Floats, cuts: tuple[float, ...], facts: Facts, limits: Limits
) -> tuple[Floats, Floats, Trend]:
    """The whole window, or as much of its end as is still enough to judge where only that is straight.

    A leak that began within the window is a bend: flat, then a line.
    """
    whole = trend(times, values, cuts)
    since = times[-1] - max(limits.min_span_s, limits.min_share * facts.window_s)
    tail = times >= since
    late = trend(times[tail], values[tail], tuple(cut for cut in cuts if cut > since))
    if whole.r2 > limits.min_r2 or late.r2 <= whole.r2 or late.slope <= 0:
        return times, values, whole
    return times[tail], values[tail], late


def _wait(
    service: ServiceFacts,
    line: Trend,
    rise: float,
    *,
    leaks: bool,
    died: bool,
    limits: Limits,
) -> str:
    if leaks:
        return "" if died else f"{service.slug}'s heap rises, but it has not run out of memory yet"
    if line.slope > 0 and rise >= limits.min_rise and line.r2 > 0.6:
        return f"{service.slug}'s heap rises, but not for long enough to tell a leak from a change of load"
    return ""


def _deaths(service: ServiceFacts) -> tuple[float, ...]:
    return tuple(sorted({*increases(*clean(service.oom)), *increases(*clean(service.restarts))}))


def _drops_at_deaths(times: Floats, values: Floats, deaths: tuple[float, ...], step_s: float) -> list[float]:
    """Where the heap fell by a third or more and a death was counted within five steps of it."""
    slack = 5 * max(step_s, 1.0)
    drops = [float(times[i + 1]) for i in range(len(values) - 1) if values[i + 1] < values[i] * 0.67]
    return [drop for drop in drops if any(abs(drop - death) <= slack for death in deaths)]


def _too_short(times: Floats, facts: Facts, limits: Limits) -> bool:
    expected = facts.window_s / facts.step_s
    return len(times) < limits.min_share * expected or float(times[-1] - times[0]) < limits.min_span_s


def _rise(times: Floats, values: Floats, line: Trend, cuts: tuple[float, ...]) -> float:
    """By what share of where it began the heap rose along the line in one life of the process."""
    edges = [float(times[0]), *cuts, float(times[-1])]
    longest = max(end - start for start, end in pairwise(edges))
    return line.slope * longest / max(float(np.min(values)), 1.0)


def _limit(service: ServiceFacts) -> float | None:
    _, values = clean(service.heap_limit)
    return float(values[-1]) if len(values) and values[-1] > 0 else None


def _probability(line: Trend, rise: float, *, leaks: bool, died: bool, near: bool, limits: Limits) -> float:
    if not leaks:
        return 0.04 if line.r2 < 0.5 else 0.1
    straight = within((line.r2 - limits.min_r2) / 0.05, -4, 2)
    logit = -3.4 + straight + 0.6 * within((rise - 0.1) / 0.2, -3, 2) + 4.0 * died + 0.6 * near
    return logistic(logit) if died else min(0.6, logistic(logit))


def _too_early(service: ServiceFacts, times: Floats, facts: Facts, limits: Limits) -> Candidate:
    needed = max(limits.min_span_s, limits.min_share * facts.window_s)
    have = float(times[-1] - times[0]) if len(times) else 0.0
    sentence = f"Only {duration(have)} of heap readings so far; a trend needs {duration(needed)}."
    return Candidate(
        pattern=PATTERN,
        service=service.slug,
        title=f"{service.slug} leaks memory (too early to say)",
        summary=sentence,
        probability=0.1,
        findings=(Finding(evidence=service.heap.evidence if service.heap else "", supports=False, sentence=sentence),),
        wait=f"{duration(have)} of {service.slug}'s heap is too little to see a trend",
    )


def _line_finding(service: ServiceFacts, line: Trend, rise: float, leaks: bool, times: Floats) -> Finding:  # noqa: FBT001 -- private
    span = duration(float(times[-1] - times[0]))
    shape = f"R² {line.r2:.2f} over {span}, {megabytes(line.slope * 60)} a minute"
    if leaks:
        sentence = f"The heap of {service.slug} rises in a straight line: {shape}."
    elif line.slope <= 0 or rise < 0.02:
        sentence = f"The heap of {service.slug} does not rise ({shape})."
    else:
        sentence = f"The heap of {service.slug} moves, but not in a straight line ({shape}; a leak has R² above 0.9)."
    return Finding(evidence=service.heap.evidence if service.heap else "", supports=leaks, sentence=sentence)


def _death_findings(service: ServiceFacts, deaths: tuple[float, ...]) -> list[Finding]:
    found: list[Finding] = []
    for samples, words in ((service.oom, "ran out of memory"), (service.restarts, "was restarted")):
        count = len(increases(*clean(samples)))
        if samples is not None and count:
            times = "once" if count == 1 else f"{count} times"
            found.append(
                Finding(
                    evidence=samples.evidence, supports=True, sentence=f"{service.slug} {words} {times} in the window."
                )
            )
    if service.memory_lines:
        sentence = f"{service.memory_lines} log lines of {service.slug} speak of memory running out."
        found.append(Finding(evidence=service.logs_evidence, supports=True, sentence=sentence))
    counted = service.oom or service.restarts
    if not deaths and not service.memory_lines and counted is not None:
        sentence = f"{service.slug} neither ran out of memory nor restarted in the window."
        found.append(Finding(evidence=counted.evidence, supports=False, sentence=sentence))
    return found


def _summary(service: ServiceFacts, line: Trend, times: Floats, *, leaks: bool, died: bool) -> str:
    if not leaks:
        return f"The heap of {service.slug} explains {percent(line.r2)} of a straight line; that is not a leak."
    ending = "and it has died of it" if died else "but it has not died of it yet"
    span = duration(float(times[-1] - times[0]))
    return f"{service.slug} takes {megabytes(line.slope * 60)} more memory every minute, steadily for {span}, {ending}."


def _parameters(service: ServiceFacts, values: Floats, cuts: tuple[float, ...], limit: float | None) -> dict[str, str]:
    """Healthy again is closer to where the process started than to where it got."""
    low, high = float(np.min(values)), float(np.max(values))
    ceiling = min(limit, high) if limit is not None and limit > low else high
    return {"service": service.slug, "healthy_below": f"{low + 0.5 * (ceiling - low):.0f}", "deaths": str(len(cuts))}
