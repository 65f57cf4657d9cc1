"""Bad change: errors began right after somebody changed something on the path.

The onset is the split of the error rate with the least squared error; its size is the factor between the medians,
its p value a Mann-Whitney test corrected for the number of splits. Changes made at most `max_lag_s` before the onset,
to the service or to one that it calls, are ranked by time (e^(-lag/300 s)) and path (0.8 a call, less where the
changed service shows no errors itself).

Confidence = logistic(-3 + 0.8·log2(factor/3) + 0.7·(-log10 p - 3)/1.5 + 4·time·path), the first two terms held within
[-3, 3] and [-2, 2]; several fitting changes share it by rank, and one whose file was changed again before the onset
keeps a tenth of its rank. No fitting change: 0.05. The weights were chosen by hand on synthetic series.
"""

import math
from dataclasses import dataclass

import numpy as np

from agents.diagnosis.facts import Candidate, CommitFacts, Facts, Finding, Limits, ServiceFacts
from agents.diagnosis.numbers import Shift, clean, duration, logistic, percent, shift, within

PATTERN = "bad-change"
RUNBOOK = "rollback-config"
SUPERSEDED = 0.1
"""What is left of a change whose file was changed again before the errors began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """A service whose errors began; `step` says when and how much."""

    service: ServiceFacts
    step: Shift


def onset(service: ServiceFacts, limits: Limits) -> Onset | None:
    """When this service's error rate went up, if it did so beyond chance and beyond what matters."""
    step = shift(*clean(service.error_rate))
    if step is None or step.after < limits.min_error_rate or step.factor < limits.min_factor or step.p > 0.05:
        return None
    return Onset(service=service, step=step)


def detect(facts: Facts, limits: Limits) -> list[Candidate]:
    """The fitting changes, best first, or one candidate that says why there is none."""
    onsets = [found for service in facts.services if (found := onset(service, limits)) is not None]
    if not onsets:
        return [_no_onset(facts, limits)]
    scored = [
        (score * (SUPERSEDED if _later(commit, found, facts, limits) else 1.0), commit, found)
        for commit in facts.commits
        if (pair := _fit(commit, onsets, facts, limits))
        for score, found in [pair]
    ]
    scored.sort(key=lambda item: (-item[0], -item[1].at))
    if not scored:
        return [_no_commit(onsets[0], facts, limits)]
    total = sum(score for score, _, _ in scored)
    return [_candidate(score, score / total, commit, found, facts, limits) for score, commit, found in scored[:2]]


def _later(commit: CommitFacts, found: Onset, facts: Facts, limits: Limits) -> CommitFacts | None:
    """A later change of the same file that still came before the errors: what it replaced was no longer in force."""
    for other in facts.commits:
        newer = other.sha != commit.sha and other.at > commit.at and not set(other.files).isdisjoint(commit.files)
        if newer and _fit(other, [found], facts, limits) is not None:
            return other
    return None


def _fit(commit: CommitFacts, onsets: list[Onset], facts: Facts, limits: Limits) -> tuple[float, Onset] | None:
    """How well a change fits: 0..1, with the onset it is measured against; None if it cannot be the cause."""
    touched = next((service for service in facts.services if service.slug == commit.service), None)
    if touched is None:
        return None
    own = next((found for found in onsets if found.service.slug == commit.service), None)
    found = own or onsets[0]
    # A commit's time is a whole second, the onset the first sample after it: two steps of slack.
    lag = found.step.onset - commit.at
    if lag < -2 * max(facts.step_s, 1.0) or lag > limits.max_lag_s:
        return None
    path = 0.8**touched.distance * (1.0 if own else 0.4)
    return math.exp(-max(0.0, lag) / 300.0) * path, found


def probability(step: Shift, fit: float) -> float:
    """The documented logistic."""
    size = within(math.log2(max(step.factor, 1e-9) / 3.0), -3, 3)
    sure = within((-math.log10(max(step.p, 1e-12)) - 3.0) / 1.5, -2, 2)
    return logistic(-3.0 + 0.8 * size + 0.7 * sure + 4.0 * fit)


def _candidate(
    score: float, share: float, commit: CommitFacts, found: Onset, facts: Facts, limits: Limits
) -> Candidate:
    step, slug = found.step, found.service.slug
    lag = max(0.0, step.onset - commit.at)
    rose = f"errors of {slug} rose from {percent(step.before)} to {percent(step.after)}"
    error_evidence = found.service.error_rate.evidence if found.service.error_rate else ""
    findings = [
        Finding(
            evidence=error_evidence,
            supports=True,
            sentence=f"The {rose} (p {step.p:.1g}, {step.n_after} readings since).",
        ),
        Finding(
            evidence=facts.changes_evidence,
            supports=True,
            sentence=f"Commit {commit.sha[:7]} “{commit.subject}” by {commit.author} came {duration(lag)} before that.",
        ),
    ]
    if slug != commit.service:
        sentence = f"{commit.service}, whose file changed, shows no rise in errors itself."
        findings.append(Finding(evidence=facts.topology_evidence or error_evidence, supports=False, sentence=sentence))
    later = _later(commit, found, facts, limits)
    if later is not None:
        sentence = f"{later.sha[:7]} changed the same file again before the errors began."
        findings.append(Finding(evidence=facts.changes_evidence, supports=False, sentence=sentence))
    return Candidate(
        pattern=PATTERN,
        service=commit.service,
        title=f"A change to {commit.service} broke it: {commit.sha[:7]} “{commit.subject}”"[:300],
        summary=f"{duration(lag)} after commit {commit.sha[:7]} by {commit.author}, {rose}.",
        probability=probability(step, score) * share,
        findings=tuple(findings),
        runbook=RUNBOOK,
        parameters={
            "service": commit.service,
            "symptom": slug,
            "commit": commit.sha,
            "commit_short": commit.sha[:7],
            "subject": commit.subject,
            "path": commit.files[0] if commit.files else "",
            "healthy_below": _healthy_below(step),
        },
    )


def _healthy_below(step: Shift) -> str:
    """Healthy again is at most half the new level, and far enough above the old one for a stray error to be no news.

    A rate over a short window is coarse: at 200 requests, three errors that mean nothing are already 1.5 %.
    """
    return f"{min(step.after / 2, max(0.02, step.before * 2, step.after * 0.35)):.4f}"


def _no_onset(facts: Facts, limits: Limits) -> Candidate:
    main = facts.services[0] if facts.services else None
    findings = []
    wait = ""
    for service in facts.services:
        if service.error_rate is None or service.distance > 0:
            continue
        _, values = clean(service.error_rate)
        if len(values) and _just_began(values, limits):
            wait = f"errors of {service.slug} have only just begun"
        level = f"is {percent(float(np.median(values)))}" if len(values) else "was not measured"
        sentence = f"The error rate of {service.slug} {level} and shows no clear step up."
        findings.append(Finding(evidence=service.error_rate.evidence, supports=False, sentence=sentence))
    return Candidate(
        pattern=PATTERN,
        service=main.slug if main else "",
        title="A recent change broke something (errors did not begin to rise)",
        summary="No service on the path shows errors that began within the window, so no change is to blame for them.",
        probability=0.04,
        findings=tuple(findings),
        wait=wait,
    )


def _just_began(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", limits: Limits) -> bool:
    usual = float(np.median(values))
    return float(values[-1]) >= max(limits.min_error_rate, usual * limits.min_factor)


def _no_commit(found: Onset, facts: Facts, limits: Limits) -> Candidate:
    step, slug = found.step, found.service.slug
    evidence = found.service.error_rate.evidence if found.service.error_rate else ""
    rose = f"Errors of {slug} rose from {percent(step.before)} to {percent(step.after)}."
    none = (
        f"No change to {slug} or what it calls in the {duration(limits.max_lag_s)} before that."
        if facts.changes_evidence
        else "The repository could not be read, so changes could not be checked."
    )
    return Candidate(
        pattern=PATTERN,
        service=slug,
        title=f"A recent change broke {slug} (none was found)",
        summary=f"{rose} {none}",
        probability=0.05,
        findings=(
            Finding(evidence=evidence, supports=True, sentence=rose),
            Finding(evidence=facts.changes_evidence or evidence, supports=False, sentence=none),
        ),
    )
