"""Questions and answers stand on the record (services `ask_question`, `answer_question`)."""

import pytest

from approvals import selectors
from approvals.models import ApprovalRequest
from approvals.services.answer_question import NOTHING, answer_question, cannot_answer
from approvals.services.ask_question import ask_question
from approvals.services.propose import propose
from approvals.services.withdraw import withdraw
from audit import ledger
from core.actors import PLANNER
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from tests.approvals.decisions import state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def test_a_question_and_its_answer_stand_on_the_record_and_the_request_goes_on(cast, request_):
    question = ask_question(request_.pk, "What undoes it?", actor=cast.ben.actor)
    answer_question(question.pk, "Nothing does.", actor=cast.ada.actor)

    newest, before = ledger.timeline("incident:42", limit=2)[::-1]
    assert (before.verb, before.facts["text"]) == ("request.asked", "What undoes it?")
    assert (newest.verb, newest.facts["text"]) == ("request.answered", "Nothing does.")
    (told,) = selectors.questions(request_)
    assert (told.asked_by_name, told.answered_by_name, told.is_open) == ("Ben", "Ada", False)
    assert state_of(request_) == "PENDING"


def test_an_agents_answer_names_what_it_rests_on(cast, request_):
    question = ask_question(request_.pk, "Why this commit?", actor=cast.ben.actor, to="agent")

    with pytest.raises(BadInputError, match="stored documents"):
        answer_question(question.pk, "Because.", actor=PLANNER)
    answer_question(question.pk, "Errors rose with it.", actor=PLANNER, cites=[("error rate", "cd" * 32)])

    assert selectors.questions(request_)[0].cites == (("error rate", "cd" * 32),)
    assert selectors.questions(request_)[0].answered_by_name == "the planning agent"


def test_where_nothing_stored_answers_it_the_question_stays_open_for_people(cast, request_):
    question = ask_question(request_.pk, "Who had lunch?", actor=cast.ben.actor)

    cannot_answer(question.pk, actor=PLANNER)

    (told,) = selectors.questions(request_)
    assert (told.is_open, told.note) == (True, NOTHING)
    answer_question(question.pk, "Eve had.", actor=cast.eve.actor)
    assert not selectors.questions(request_)[0].is_open


def test_a_question_is_answered_once(cast, request_):
    question = ask_question(request_.pk, "What undoes it?", actor=cast.ben.actor)
    answer_question(question.pk, "A revert.", actor=cast.ada.actor)

    with pytest.raises(WrongStateError):
        answer_question(question.pk, "Nothing.", actor=cast.eve.actor)
    with pytest.raises(WrongStateError):
        cannot_answer(question.pk, actor=PLANNER)


def test_nobody_without_a_right_to_read_asks_or_answers(cast, request_):
    question = ask_question(request_.pk, "What undoes it?", actor=cast.ben.actor)

    with pytest.raises(NotPermittedError):
        ask_question(request_.pk, "May I?", actor=cast.mallory.actor)
    with pytest.raises(NotPermittedError):
        answer_question(question.pk, "Sign it.", actor=cast.mallory.actor)


def test_empty_endless_and_misdirected_questions_are_not_taken(cast, request_):
    for text, to in ((" ", ""), ("x" * 2_001, ""), ("Why?", "nobody-here")):
        with pytest.raises(BadInputError):
            ask_question(request_.pk, text, actor=cast.ben.actor, to=to)
    question = ask_question(request_.pk, "Why?", actor=cast.ben.actor, to=cast.ada.person.pk)
    with pytest.raises(BadInputError):
        answer_question(question.pk, "  ", actor=cast.ada.actor)
    with pytest.raises(NotFoundError):
        answer_question(999, "x", actor=cast.ada.actor)


def test_a_settled_request_is_not_asked_about(cast, request_):
    withdraw(request_.pk, actor=PLANNER)

    with pytest.raises(WrongStateError):
        ask_question(request_.pk, "Why?", actor=cast.ben.actor)
