"""The agents answer questions about their plan from what is stored, or call a person (service `answer`)."""

import pytest

from agents.services.answer import answer
from agents.services.follow import follow
from approvals import selectors
from approvals.models import ApprovalRequest
from approvals.services.ask_question import ask_question
from audit.services.sequence import sequence_all
from core.actors import PLANNER
from incidents.models import Incident
from tests.agents.world import fire


@pytest.fixture
def request_(world, work):
    world.break_config()
    fire("payments")
    return ApprovalRequest.objects.select_related("change").get(pk=work().request_id)


def asked(request, cast, text, **to):
    question = ask_question(request.pk, text, actor=cast.ben.actor, **to)
    sequence_all()
    follow()
    return next(one for one in selectors.questions(request) if one.id == question.pk)


def test_a_question_is_answered_from_the_plan_and_the_evidence_with_sources(cast, request_):
    told = asked(request_, cast, "What undoes it?")

    assert told.answer.startswith("Step 1 is undone by git revert")
    assert (told.answered_by, told.cites) == ("agent:planner", (("the plan", request_.change_id),))
    evidence = asked(request_, cast, "What evidence shows that the error rate rose?")
    assert any(name != "the plan" for name, _ in evidence.cites)


def test_where_nothing_stored_fits_a_person_is_called_and_the_question_stays_open(cast, request_):
    told = asked(request_, cast, "Did anybody talk to the acquirer on the telephone?")

    assert (told.is_open, told.answer) == (True, "")
    assert "A person was called" in told.note
    assert Incident.objects.get().called_because.startswith("Somebody asks before signing: Did anybody")


def test_what_is_asked_of_a_person_is_left_to_them(cast, request_):
    told = asked(request_, cast, "What undoes it?", to=cast.ada.person.pk)

    assert (told.is_open, told.note) == (True, "")


def test_answering_twice_changes_nothing(cast, request_):
    told = asked(request_, cast, "What undoes it?")

    answer(told.id, actor=PLANNER)

    assert selectors.questions(request_)[0].answer == told.answer
