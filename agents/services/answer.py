"""Answer a question about a plan from what is stored; where nothing fits, say so and call a person."""

from collections.abc import Iterator

from django.db import transaction

from agents.answers import Fact, compose
from agents.models import Citation, Hypothesis, Remediation
from approvals.models import ApprovalRequest, Question
from approvals.services.answer_question import answer_question, cannot_answer
from approvals.services.ask_question import AGENTS
from audit import ledger
from core.actors import Actor
from incidents.services.call_person import call_person
from proof.documents import Change, parse_change


@transaction.atomic
def answer(question_id: int, *, actor: Actor) -> None:
    """Answer it if it was asked of the agents, or of nobody in particular, and is still open. Safe to run twice."""
    question = Question.objects.select_related("request__change").filter(pk=question_id, answered_at=None).first()
    if question is None or question.to not in {"", AGENTS} or question.note:
        return
    found = compose(question.text, list(facts_about(question.request)))
    if found is not None:
        answer_question(question.pk, found.text, actor=actor, cites=found.cites)
        return
    cannot_answer(question.pk, actor=actor)
    noun, _, number = question.request.change.incident.partition(":")
    if noun == "incident" and number.isdigit():
        call_person(int(number), actor=actor, why=f"Somebody asks before signing: {question.text}")


def facts_about(request: ApprovalRequest) -> Iterator[Fact]:
    """Every stored sentence about a request's plan, from its frozen bytes and the diagnosis behind it."""
    change = parse_change(ledger.fetch(request.change_id))
    yield from _of_the_plan(change, request)
    remediation = Remediation.objects.filter(request_id=request.pk).first()
    best = remediation.hypotheses.filter(rank=1).first() if remediation is not None else None
    if best is not None:
        yield from _of_the_diagnosis(best, request.change_id)


def _of_the_plan(change: Change, request: ApprovalRequest) -> Iterator[Fact]:
    def fact(topic: str, sentence: str) -> Fact:
        return Fact(topic=topic, sentence=sentence, source="the plan", sha256=request.change_id)

    yield fact("cause", change.hypothesis)
    yield fact("doubt", f"The confidence in this cause is {change.confidence} of 1")
    for step in change.steps:
        yield fact("run", f"Step {step.index + 1} runs {step.command or step.action} on {step.target}")
        undone = f"is undone by {step.undo.command}" if step.undo else f"cannot be undone by itself: {step.undo_note}"
        yield fact("undo", f"Step {step.index + 1} {undone}")
    yield fact("fail", f"It helped if this holds: {change.verification.sentence}")
    yield fact("blast", change.blast_sentence)
    for item in change.touches:
        yield fact("blast", f"{item.name}: {item.value}")
    for sentence in change.unaffected:
        yield fact("untouched", f"Not touched: {sentence}")
    for condition in change.preconditions:
        yield fact("before", condition.sentence)
    for factor in change.factors:
        note = f": {factor.note}" if factor.note else ""
        yield fact("risk", f"{factor.name} is {factor.level}, {factor.points} points{note}")
    yield fact("risk", f"The risk is {change.tier}, {change.score} points")
    yield fact("time", f"Signatures are collected until {change.expires_at}; it must start by {change.execute_by}")
    yield fact("policy", request.sentence)


def _of_the_diagnosis(best: Hypothesis, digest: str) -> Iterator[Fact]:
    if best.summary:
        yield Fact(topic="cause", sentence=best.summary, source="the diagnosis", sha256=digest)
    for cited in Citation.objects.select_related("evidence").filter(hypothesis=best).order_by("pk"):
        yield Fact(
            topic="evidence" if cited.supports else "against",
            sentence=cited.sentence,
            source=cited.evidence.name,
            sha256=cited.evidence.sha256 or digest,
        )
