"""Answer a question about a request, or say that nothing that is stored answers it."""

import unicodedata
from collections.abc import Sequence

from django.db import transaction

from approvals.models import Question
from approvals.permissions import grants
from approvals.requests import locked_request, record
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotFoundError, WrongStateError
from core.permissions import Permission

LONGEST = 4_000
NOTHING = "Nothing that is stored here answers this. A person was called."

Cite = tuple[str, str]


@transaction.atomic
def answer_question(question_id: int, text: str, *, actor: Actor, cites: Sequence[Cite] = ()) -> Question:
    """Answer a question, once.

    Args:
        question_id: which one.
        text: the answer.
        actor: who answers.
        cites: name and digest of the stored documents that it rests on; an agent names at least one.

    Raises:
        NotFoundError: There is no such question.
        NotPermittedError: The actor may not read the request.
        WrongStateError: It was answered already.
        BadInputError: No answer, too long, or an agent's without a source.
    """
    question = _open(question_id, actor)
    said = unicodedata.normalize("NFC", text).strip()
    if not said or len(said) > LONGEST:
        detail = f"An answer has 1 to {LONGEST} characters."
        raise BadInputError(detail)
    if not actor.is_person and not cites:
        detail = "An agent's answer names the stored documents that it rests on."
        raise BadInputError(detail)

    question.answer, question.answered_by, question.answered_at = said, actor.id, clock.now()
    question.cites = [{"name": name, "sha256": sha256} for name, sha256 in cites]
    question.save(update_fields=["answer", "answered_by", "answered_at", "cites"])
    facts = {"question": question.pk, "text": said, "cites": [name for name, _ in cites]}
    record(question.request, "request.answered", actor=actor, facts=facts)
    return question


@transaction.atomic
def cannot_answer(question_id: int, *, actor: Actor) -> Question:
    """Say that nothing that is stored answers a question; it stays open for people.

    Raises:
        NotFoundError: There is no such question.
        WrongStateError: It was answered already.
    """
    question = _open(question_id, actor)
    question.note = NOTHING
    question.save(update_fields=["note"])
    record(question.request, "request.answered", actor=actor, facts={"question": question.pk, "note": NOTHING})
    return question


def _open(question_id: int, actor: Actor) -> Question:
    found = Question.objects.filter(pk=question_id).values_list("request_id", flat=True).first()
    if found is None:
        detail = f"There is no question {question_id}."
        raise NotFoundError(detail)
    request = locked_request(found)
    grants.require(Permission.CHANGE_READ, actor, request)
    question = Question.objects.select_related("request__change").get(pk=question_id)
    if not question.is_open:
        detail = "This question was answered already."
        raise WrongStateError(detail)
    return question
