"""Synthetic series: what a monitor could have measured."""

import numpy as np

from agents.diagnosis.facts import CommitFacts, Facts, Samples, ServiceFacts

NOW = 1_800_000_000.0
COUNT = 90


def times(count=COUNT, step=1.0):
    return NOW - step * np.arange(count)[::-1]


def series(evidence, values, step=1.0):
    values = np.asarray(values, dtype=float)
    return Samples(evidence=evidence, times=tuple(times(len(values), step)), values=tuple(values))


def flat(level, noise=0.02, count=COUNT, seed=0):
    return level * (1 + np.random.default_rng(seed).normal(0, noise, count))


def ramp(start, per_sample, noise=0.01, count=COUNT, seed=0):
    return (start + per_sample * np.arange(count)) * (1 + np.random.default_rng(seed).normal(0, noise, count))


def stepped(before, after, at, noise=0.15, count=COUNT, seed=0):
    level = np.where(np.arange(count) >= at, after, before)
    return np.abs(level * (1 + np.random.default_rng(seed).normal(0, noise, count)))


def sawtooth(low, per_sample, period, count=COUNT, seed=0):
    return (low + per_sample * (np.arange(count) % period)) * (1 + np.random.default_rng(seed).normal(0, 0.01, count))


def seasonal(level, share, period, count=COUNT, seed=0):
    wave = 1 + share * np.sin(2 * np.pi * np.arange(count) / period)
    return level * wave * (1 + np.random.default_rng(seed).normal(0, 0.03, count))


def counter(*jumps, count=COUNT):
    values = np.zeros(count)
    for at in jumps:
        values[at:] += 1
    return values


def commit(before_end_s, service="payments", sha="8c1f2ae" + "0" * 33):
    return CommitFacts(
        sha=sha,
        at=NOW - before_end_s,
        author="Kim",
        subject="Lower the timeout",
        service=service,
        files=(f"{service}.json",),
    )


def facts(*services, commits=(), window_s=90.0, step_s=1.0):
    return Facts(
        now=NOW,
        window_s=window_s,
        step_s=step_s,
        symptom=tuple(one.slug for one in services if one.distance == 0),
        services=tuple(services),
        commits=tuple(commits),
        changes_evidence="changes",
        topology_evidence="topology",
    )


def checkout(**given):
    """A healthy checkout, but for what is given."""
    usual = {
        "heap": series("heap-checkout", flat(60e6)),
        "heap_limit": series("heap_limit-checkout", np.full(COUNT, 200e6)),
        "oom": series("oom-checkout", counter()),
        "restarts": series("restarts-checkout", counter()),
        "error_rate": series("error_rate-checkout", np.abs(flat(0.001, 0.5, seed=3))),
        "requests": series("requests-checkout", flat(20, 0.1, seed=4)),
        "latency": series("latency-checkout", flat(0.05, 0.2, seed=5)),
    }
    return ServiceFacts(slug="checkout", **{**usual, **given})


def payments(distance=1, **given):
    """A healthy payments, but for what is given."""
    usual = {
        "error_rate": series("error_rate-payments", np.abs(flat(0.001, 0.5, seed=6))),
        "requests": series("requests-payments", flat(18, 0.1, seed=7)),
        "latency": series("latency-payments", flat(0.03, 0.2, seed=8)),
    }
    return ServiceFacts(slug="payments", distance=distance, **{**usual, **given})
