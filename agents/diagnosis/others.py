"""The explanations that are always weighed as well: more load, and something that the service calls.

Confidence of load = logistic(-3 + 2.5·log2(factor of the request rate)); of a failing callee = logistic(b +
0.5·log2(factor)), b = -1.5 for errors and -2.5 for latency, which mostly follows from something else; at most 0.65,
because a failing callee is a place, not yet a cause.
"""

import math

from agents.diagnosis.bad_change import onset
from agents.diagnosis.facts import Candidate, Facts, Finding, Limits, Samples, ServiceFacts
from agents.diagnosis.numbers import Floats, Shift, clean, logistic, percent, shift, within

LOAD = "load"
DEPENDENCY = "dependency"


def load(facts: Facts) -> Candidate:
    """Did more requests come in than before?"""
    slug = facts.symptom[0] if facts.symptom else ""
    best, factor, findings = 0.04, 1.0, []
    for service in facts.services:
        if service.distance > 0 or service.requests is None:
            continue
        times, values = _settled(*clean(service.requests), facts)
        step = shift(times, values)
        grown = _growth(step)
        if grown > 1.3:
            sentence = f"Requests to {service.slug} grew {grown:.1f} times within the window."
        elif len(values) == 0:
            sentence = f"Requests to {service.slug} were not measured."
        else:
            sentence = f"Requests to {service.slug} stayed as they were ({_level(values.mean())} a second)."
        findings.append(Finding(evidence=service.requests.evidence, supports=grown > 1.3, sentence=sentence))
        if grown > factor:
            factor, slug = grown, service.slug
            best = logistic(-3.0 + 2.5 * math.log2(grown))
    return Candidate(
        pattern=LOAD,
        service=slug,
        title=f"More load than {slug} can take" if factor > 1.3 else f"More load on {slug} (there is not)",
        summary=f"Requests grew {factor:.1f} times."
        if factor > 1.3
        else "The request rate did not change enough to matter.",
        probability=best,
        findings=tuple(findings),
    )


# A rate is an average over a window of its own, which has to fill before the rate means anything.
FILLS_IN_STEPS = 15


def _settled(times: Floats, values: Floats, facts: Facts) -> tuple[Floats, Floats]:
    """The readings without the beginning of traffic, if that lies within the window: to open is not to grow."""
    if len(times) == 0 or times[-1] - times[0] >= 0.8 * facts.window_s:
        return times, values
    kept = times >= times[0] + FILLS_IN_STEPS * facts.step_s
    return times[kept], values[kept]


def _level(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"


def _growth(step: Shift | None) -> float:
    if step is None or step.p > 0.01 or step.after <= step.before:
        return 1.0
    return step.after / step.before if step.before > 0 else 10.0


def dependency(facts: Facts, limits: Limits) -> Candidate:
    """Does something that the service calls fail or answer slowly? The deepest such callee is named."""
    callees = [service for service in facts.services if service.distance > 0]
    findings: list[Finding] = []
    worst: tuple[int, float, ServiceFacts] | None = None
    for callee in callees:
        probability, found = _abnormal(callee, limits)
        findings.append(found)
        if found.supports and (worst is None or (callee.distance, probability) > worst[:2]):
            worst = (callee.distance, probability, callee)
    symptom = facts.symptom[0] if facts.symptom else ""
    if worst is None:
        known = "all that it calls are well" if callees else "nothing that it calls is known"
        if not callees and facts.topology_evidence:
            sentence = f"The topology knows nothing that {symptom} calls."
            findings.append(Finding(evidence=facts.topology_evidence, supports=False, sentence=sentence))
        return Candidate(
            pattern=DEPENDENCY,
            service=symptom,
            title=f"Something that {symptom} calls fails ({known})",
            summary=f"{known[0].upper()}{known[1:]}.",
            probability=0.03,
            findings=tuple(findings),
        )
    _, probability, callee = worst
    return Candidate(
        pattern=DEPENDENCY,
        service=callee.slug,
        title=f"{callee.slug}, which {symptom} calls, fails",
        summary=f"{callee.slug} is the deepest service on the path that is not well.",
        probability=probability,
        findings=tuple(findings),
    )


def _abnormal(callee: ServiceFacts, limits: Limits) -> tuple[float, Finding]:
    """How likely it is that this callee is the trouble, with the finding that says so."""
    found = onset(callee, limits)
    if found is not None and callee.error_rate is not None:
        step = found.step
        sentence = f"Errors of {callee.slug} rose from {percent(step.before)} to {percent(step.after)}."
        return _place(-1.5, step.factor), Finding(evidence=callee.error_rate.evidence, supports=True, sentence=sentence)
    step_up = shift(*clean(callee.latency))
    if (
        step_up is not None
        and callee.latency is not None
        and step_up.p < 0.01
        and step_up.after > 1.5 * step_up.before > 0
    ):
        factor = step_up.after / step_up.before
        sentence = f"{callee.slug} answers {factor:.1f} times slower than before."
        return _place(-2.5, factor), Finding(evidence=callee.latency.evidence, supports=True, sentence=sentence)
    shown = callee.error_rate or callee.latency or Samples(evidence="")
    measured = len(clean(shown)[1]) > 0
    sentence = f"{callee.slug} shows neither errors nor slowness." if measured else f"{callee.slug} was not measured."
    return 0.0, Finding(evidence=shown.evidence, supports=False, sentence=sentence)


def _place(base: float, factor: float) -> float:
    return min(0.65, logistic(base + 0.5 * within(math.log2(factor), 0, 6)))
