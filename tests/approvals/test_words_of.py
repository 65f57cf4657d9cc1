"""An ordered erasure leaves no words of a person in the tables."""

import pytest

from approvals.models import Notice, Question
from approvals.receipts import deliver, follow
from approvals.services.answer_question import answer_question
from approvals.services.ask_question import ask_question
from approvals.services.propose import propose
from approvals.words_of import ERASED, forget_words
from audit.services.sequence import sequence_all
from core.actors import PLANNER
from tests.approvals.decisions import decide
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def test_comments_questions_answers_and_notices_are_gone_and_those_of_others_stay(cast):
    request = propose(rollback(), actor=PLANNER)
    own = ask_question(request.pk, "Is my holiday on Friday at risk?", actor=cast.ben.actor)
    other = ask_question(request.pk, "What undoes it?", actor=cast.cleo.actor)
    answer_question(other.pk, "Ask me on the telephone.", actor=cast.ben.actor)
    decision = decide(request, cast.ben, "reject", "I am ill.")
    sequence_all()
    follow()
    deliver()
    assert Notice.objects.filter(person_id=cast.ben.person.pk).exists()

    forget_words(cast.ben.person.pk)

    decision.refresh_from_db()
    assert (decision.comment, bytes(decision.comment_salt)) == ("", b"")
    assert Question.objects.get(pk=own.pk).text == ERASED
    assert (Question.objects.get(pk=other.pk).text, Question.objects.get(pk=other.pk).answer) == (
        "What undoes it?",
        ERASED,
    )
    assert not Notice.objects.filter(person_id=cast.ben.person.pk).exists()
