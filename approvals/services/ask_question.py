"""Ask a question about a request before deciding; it and its answer stand on the record."""

import unicodedata

from django.db import transaction

from approvals.models import Question
from approvals.permissions import grants
from approvals.requests import locked_request, record
from core import clock
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from core.permissions import Permission
from people.selectors import names

AGENTS = "agent"
LONGEST = 2_000
MOST_OPEN = 20


@transaction.atomic
def ask_question(request_id: int, text: str, *, actor: Actor, to: str = "") -> Question:
    """Ask; the clock of the request keeps running.

    Args:
        request_id: about which request.
        text: the question.
        actor: who asks.
        to: `agent`, the id of a person, or empty for the agents first and the people on the incident if they cannot.

    Raises:
        NotFoundError: There is no such request.
        NotPermittedError: The actor may not read it.
        WrongStateError: It is settled, or has too many open questions.
        BadInputError: No question, too long, or asked of nobody here.
    """
    request = locked_request(request_id)
    grants.require(Permission.CHANGE_READ, actor, request)
    asked = unicodedata.normalize("NFC", text).strip()
    if not asked or len(asked) > LONGEST:
        detail = f"A question has 1 to {LONGEST} characters."
        raise BadInputError(detail)
    if to not in {"", AGENTS} and to not in names([to]):
        detail = "Nobody here goes by that id. Ask the agents, or one of the people on the page."
        raise BadInputError(detail)
    if not request.is_pending or request.questions.filter(answered_at=None).count() >= MOST_OPEN:
        detail = f"Request {request_id} is {request.state.lower()}, or has {MOST_OPEN} open questions already."
        raise WrongStateError(detail, state=str(request.state))

    question = Question.objects.create(request=request, asked_by=actor.id, to=to, text=asked, asked_at=clock.now())
    record(request, "request.asked", actor=actor, facts={"question": question.pk, "to": to, "text": asked})
    return question
