"""Weigh the explanations against each other, and know when not to know."""

from dataclasses import replace

from agents.diagnosis import bad_change, memory_leak, others
from agents.diagnosis.facts import Candidate, Diagnosis, Facts, Finding, Limits, Ranked

UNKNOWN = "unknown"
NOTE = "Confidence is uncalibrated: it comes from hand-set weights until 300 incidents are closed."
LEAST_UNKNOWN = 0.02


def diagnose(facts: Facts, limits: Limits | None = None) -> Diagnosis:
    """Rank every explanation; same facts, same answer."""
    limits = limits or Limits()
    leaks = sorted(memory_leak.detect(facts, limits), key=lambda one: -one.probability)
    changes = bad_change.detect(facts, limits)
    leading = [*leaks[:1], *changes]
    rest = [others.load(facts), _explained(others.dependency(facts, limits), leading, limits)]
    candidates = sorted([*leading, *rest], key=lambda one: -one.probability)
    ranked = _confidences(candidates, facts)
    best = ranked[0]
    known = best.candidate.pattern != UNKNOWN and best.confidence >= limits.floor
    return Diagnosis(
        hypotheses=ranked,
        known=known,
        wait="" if known and best.confidence >= limits.sure else _wait(candidates, best, known=known),
        note=NOTE,
    )


def _explained(callee: Candidate, leading: list[Candidate], limits: Limits) -> Candidate:
    """A failing callee is no rival of the explanation of why it fails."""
    why = next((one for one in leading if one.service == callee.service and one.probability >= limits.floor), None)
    if why is None or callee.probability < 0.1 or not why.findings:
        return callee
    against = Finding(
        evidence=why.findings[0].evidence, supports=False, sentence=f"Already explained: {why.title}."[:500]
    )
    return replace(callee, probability=callee.probability * 0.1, findings=(*callee.findings, against))


def _confidences(candidates: list[Candidate], facts: Facts) -> tuple[Ranked, ...]:
    total = sum(one.probability for one in candidates)
    scale = min(1.0, (1.0 - LEAST_UNKNOWN) / total) if total else 1.0
    ranked = [Ranked(candidate=one, confidence=_rounded(one.probability * scale)) for one in candidates]
    left = max(0.0, 1.0 - sum(one.confidence for one in ranked))
    ranked.append(Ranked(candidate=_unknown(facts), confidence=_rounded(left)))
    return tuple(sorted(ranked, key=lambda one: -one.confidence))


def _rounded(share: float) -> float:
    """Down to a ten-thousandth, so that rounding never lifts the sum above 1."""
    return int(share * 10_000) / 10_000


def _unknown(facts: Facts) -> Candidate:
    slug = facts.symptom[0] if facts.symptom else ""
    return Candidate(
        pattern=UNKNOWN,
        service=slug,
        title="Something else",
        summary="What was read fits none of the known patterns well enough; this share is what they leave open.",
        probability=0.0,
    )


def _wait(candidates: list[Candidate], best: Ranked, *, known: bool) -> str:
    """Waiting helps where the undecided explanation is the best one, or where there is no good one."""
    for one in candidates:
        if one.wait and (not known or one is best.candidate):
            return one.wait
    return ""
