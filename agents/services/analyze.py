"""The stage ANALYZING: read, rank, and plan on the best explanation, or say that it is not known."""

from django.db import transaction

from agents import runbooks
from agents.assemble import facts_of, limits_of
from agents.diagnosis.facts import Diagnosis, Ranked
from agents.diagnosis.ranking import UNKNOWN, diagnose
from agents.evidence import MEDIA_TYPE, decimal
from agents.leases import Lease, locked
from agents.models import Citation, Evidence, Hypothesis, Remediation
from agents.moves import record, record_move
from agents.scope import MORE_DATA_HELPS_FOR, numbers, services_of
from agents.services.fail import fail
from agents.services.gather import Gathered, gather
from agents.services.pause import pause, say
from audit import ledger
from core import clock
from core.actors import DIAGNOSIS, TRIAGE
from incidents.models import Incident

# An alert comes within seconds of the first bad reading, when there is little to tell causes apart by: before an agent
# says that it does not know, it looks again for as long as this; not where nothing is connected that could tell more.
SETTLES_WITHIN_S = 120.0
READ = ("kind", "source", "sha256", "sentence", "facts", "read_at")


@transaction.atomic
def begin(lease: Lease) -> None:
    """INITIATED → ANALYZING."""
    remediation = locked(lease)
    remediation.analyze()
    record_move(remediation, actor=TRIAGE, verb="remediation.analyzing", due_at=clock.now())


def analyze(lease: Lease) -> None:
    """Read the evidence, rank hypotheses and decide how to go on. All reading happens outside transactions.

    Raises:
        LostLeaseError: Another worker has it by now.
    """
    remediation = Remediation.objects.get(pk=lease.remediation_id)
    incident = Incident.objects.get(pk=remediation.incident_id)
    scope, given = services_of(incident), numbers(incident.environment)
    found = gather(
        incident, scope, window_s=given["window_s"], step_s=given["step_s"], alive=lambda doing: say(lease, doing)
    )
    answer = diagnose(facts_of(incident, scope, found, given), limits_of(given))
    waited_s = _waited_s(remediation)
    if answer.wait and waited_s < MORE_DATA_HELPS_FOR * given["window_s"]:
        _look_again(lease, found, answer.wait, for_s=max(1.0, min(30.0, given["step_s"] * 3)))
        return
    actionable = answer.known and answer.hypotheses[0].candidate.runbook in runbooks.names()
    if not actionable and found.grows and waited_s < min(SETTLES_WITHIN_S, given["window_s"] * 0.4):
        _look_again(
            lease, found, "what there is does not settle it yet", for_s=max(1.0, min(30.0, given["step_s"] * 3))
        )
        return
    _conclude(lease, incident, found, answer, given)


def _waited_s(remediation: Remediation) -> float:
    since = remediation.stages.get("ANALYZING")
    return (clock.now() - clock.from_rfc3339(since)).total_seconds() if since else 0.0


@transaction.atomic
def _look_again(lease: Lease, found: Gathered, why: str, *, for_s: float) -> None:
    _keep(locked(lease), found)
    pause(lease, for_s=for_s, doing=f"Waits for more readings: {why}.")


@transaction.atomic
def _conclude(lease: Lease, incident: Incident, found: Gathered, answer: Diagnosis, given: dict[str, float]) -> None:
    """Store evidence and hypotheses and move, in one transaction."""
    remediation = locked(lease)
    rows = _keep(remediation, found)
    _rank(remediation, answer, rows)
    remediation.parameters = {**given, "note": answer.note}
    best = answer.hypotheses[0]
    facts = {
        "best": best.candidate.title,
        "pattern": best.candidate.pattern,
        "confidence": decimal(best.confidence),
        "hypotheses": len(answer.hypotheses),
    }
    documents = {name: row.sha256 for name, row in sorted(rows.items())[:40]}
    record(remediation, actor=DIAGNOSIS, verb="hypotheses.ranked", facts=facts, documents=documents)
    refusal = _why_not(incident, answer)
    if refusal:
        remediation.save(update_fields=["parameters"])
        reason, note = refusal
        fail(remediation.pk, actor=DIAGNOSIS, reason=reason, note=note)
        return
    remediation.plan()
    record_move(remediation, actor=DIAGNOSIS, verb="remediation.analyzed", due_at=clock.now(), facts=facts)


def _why_not(incident: Incident, answer: Diagnosis) -> tuple[str, str] | None:
    """Why no plan follows: the reason and a note for people."""
    best = answer.hypotheses[0]
    likely = f"{best.candidate.title} ({best.confidence:.0%})"
    if best.candidate.pattern == UNKNOWN or not answer.known:
        named = next((one for one in answer.hypotheses if one.candidate.pattern != UNKNOWN), best)
        share = f"{named.confidence * 100:.0f} %"
        weak = f"“{named.candidate.title}” comes nearest with {share}, which is too weak to act on."
        return "unknown-cause", f"The cause is not known. {weak} What was read is on the incident."
    if incident.autonomy == "observe":
        return "observe-only", f"Agents only observe here. Most likely: {likely}. {best.candidate.summary}"
    if best.candidate.runbook not in runbooks.names():
        return "unknown-cause", f"Most likely: {likely}. No runbook answers this, so a person decides."
    return None


def _keep(remediation: Remediation, found: Gathered) -> dict[str, Evidence]:
    """Write what was read, over what was read before under the same name."""
    digests = ledger.keep_all(MEDIA_TYPE, [snapshot.content() for snapshot in found.snapshots])
    rows = {
        snapshot.name: Evidence(
            remediation=remediation,
            name=snapshot.name[:120],
            kind=snapshot.kind,
            source=snapshot.source[:120],
            sha256=digest,
            sentence=snapshot.sentence[:500],
            facts=dict(snapshot.facts),
            read_at=snapshot.read_at,
        )
        for snapshot, digest in zip(found.snapshots, digests, strict=True)
    }
    once = {row.name: row for row in rows.values()}
    Evidence.objects.bulk_create(
        once.values(), update_conflicts=True, unique_fields=["remediation", "name"], update_fields=READ
    )
    return {name: once[row.name] for name, row in rows.items()}


def _rank(remediation: Remediation, answer: Diagnosis, rows: dict[str, Evidence]) -> None:
    remediation.hypotheses.all().delete()
    ranked = [_hypothesis(remediation, rank, one) for rank, one in enumerate(answer.hypotheses, start=1)]
    Hypothesis.objects.bulk_create(ranked)
    Citation.objects.bulk_create(
        Citation(hypothesis=row, evidence=rows[one.evidence], supports=one.supports, sentence=one.sentence[:500])
        for row, hypothesis in zip(ranked, answer.hypotheses, strict=True)
        for one in hypothesis.candidate.findings
        if one.evidence in rows
    )


def _hypothesis(remediation: Remediation, rank: int, ranked: Ranked) -> Hypothesis:
    one = ranked.candidate
    return Hypothesis(
        remediation=remediation,
        rank=rank,
        pattern=one.pattern,
        service=one.service,
        title=one.title[:300],
        summary=one.summary[:1000],
        confidence=ranked.confidence,
        runbook=one.runbook,
        parameters=one.parameters,
    )
