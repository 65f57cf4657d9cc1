"""What was read and what it may mean, for the tests: stored snapshots, hypotheses, records."""

import math
from datetime import datetime, timedelta

from django.db import transaction

from agents.models import Citation, Evidence, Hypothesis, Remediation
from audit import ledger
from core import clock
from core.actors import DIAGNOSIS
from incidents.models import Incident
from proof import canonical
from tests.console.change_document import CONFIG_DIFF, query_of


def say(actor, verb: str, subject: str, about: str = "", **facts) -> None:
    """A record of the ledger."""
    with transaction.atomic():
        about_list = [about] if about else [subject] if subject.startswith("incident:") else []
        ledger.append(actor=actor, verb=verb, subject=subject, facts=facts, about=about_list)


def metric(of: Remediation, name: str, values: list[float], *, end: datetime, step_s: float = 5) -> Evidence:
    """A stored metric."""
    signal, _, service = name.partition("-")
    start = end.timestamp() - step_s * (len(values) - 1)
    points = [[f"{start + at * step_s:.3f}", f"{value:.6f}"] for at, value in enumerate(values)]
    query = query_of(signal, service)
    body = {"_type": "urn:countersign:evidence:v1", "query": query, "series": [{"labels": [], "points": points}]}
    return evidence(of, name, "metric", "prometheus", body, f"{signal} of {service}: {len(values)} readings.", end)


def evidence(of: Remediation, name, kind, from_, body, sentence, at) -> Evidence:
    """Any stored snapshot."""
    with transaction.atomic():
        sha = ledger.keep("application/vnd.countersign.evidence+json", canonical.dumps(body, max_bytes=1_000_000))
    return Evidence.objects.create(
        remediation=of, name=name, kind=kind, source=from_, sha256=sha, sentence=sentence, read_at=at, facts={}
    )


def rising(low: float, high: float, *, count: int = 60, at: float = 0.6, wobble: float = 0.04) -> list[float]:
    """A steady signal that rises at some share of its length."""
    out = []
    for n in range(count):
        share = min(1.0, max(0.0, (n / count - at) / 0.15))
        value = low + (high - low) * share
        out.append(max(0.0, value * (1 + wobble * math.sin(n * 2.3) + wobble / 2 * math.sin(n * 5.1))))
    return out


def diagnosed(of: Remediation, incident_: Incident) -> None:
    """Evidence and three hypotheses about a bad configuration of payments."""
    end = incident_.opened_at + timedelta(seconds=8)
    errors = metric(of, "error_rate-payments", rising(0.001, 0.082), end=end)
    asked = metric(of, "requests-payments", rising(41, 42, at=2), end=end)
    metric(of, "latency-payments", rising(0.12, 0.14, at=2), end=end)
    metric(of, "heap-payments", rising(61e6, 64e6, at=2), end=end)
    committed = incident_.opened_at - timedelta(seconds=64)
    diff = "--- a/payments.json\n+++ b/payments.json\n" + CONFIG_DIFF
    commits = [
        {
            "sha": "8c1f2ae" + "0" * 33,
            "at": clock.rfc3339(committed),
            "author": "Chen Wei",
            "subject": "Answer faster",
            "files": ["payments.json"],
            "diff": diff,
        }
    ]
    changes = evidence(of, "changes", "change", "git", {"commits": commits}, "1 commit in the last hour.", end)
    lines = [{"at": clock.rfc3339(end), "level": "ERROR", "message": "acquirer did not answer in 40 ms", "fields": []}]
    logs = evidence(of, "logs-payments", "log", "supervisor", {"lines": lines}, "38 of 60 lines are errors.", end)
    ranked = (
        ("bad-change", "Commit 8c1f2ae made payments' acquirer time-out too short", 0.91, "rollback-config"),
        ("memory-leak", "payments leaks memory", 0.04, ""),
        ("load", "More requests than usual", 0.03, ""),
    )
    rows = [
        Hypothesis.objects.create(
            remediation=of,
            rank=rank,
            pattern=pattern,
            service="payments",
            title=title,
            summary="Errors began 11 s after the commit and are time-outs towards the acquirer." if rank == 1 else "",
            confidence=confidence,
            runbook=runbook,
        )
        for rank, (pattern, title, confidence, runbook) in enumerate(ranked, 1)
    ]
    for row, proof, supports, text in (
        (rows[0], errors, True, "Errors rose from 0.1 % to 8.2 %, 11 s after the commit."),
        (rows[0], changes, True, "The commit changed payments.json, which payments reads."),
        (rows[0], logs, True, "38 of the last 60 lines say that the acquirer did not answer in 40 ms."),
        (rows[0], asked, False, "One request in a hundred failed before the commit too."),
        (rows[1], errors, False, "The heap is level at 62 MiB."),
        (rows[2], asked, False, "41 requests a second, as an hour ago."),
    ):
        Citation.objects.create(hypothesis=row, evidence=proof, supports=supports, sentence=text)
    say(DIAGNOSIS, "hypotheses.ranked", of.subject, about=incident_.subject, hypotheses=3)
