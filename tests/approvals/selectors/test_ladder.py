"""Each step is visible before it comes."""

import pytest

from approvals import selectors
from approvals.services.climb import climb_due
from approvals.services.propose import propose
from core.actors import PLANNER, POLICY
from tests.approvals.clocks import shift
from tests.approvals.plans import rollback, step

pytestmark = pytest.mark.django_db


def test_every_step_is_told_before_it_comes_with_its_time_and_its_people(cast):
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)

    steps = selectors.ladder(request)

    assert [one.kind for one in steps] == ["opened", "reminder", "backup", "manager", "expiry"]
    assert [one.is_next for one in steps] == [False, True, False, False, False]
    assert [person.name for person in steps[2].people] == ["Dan"]
    assert steps[2].sentence == "Dan (manager) asked too. It still takes as many signatures."
    assert steps[3].sentence == "executives is asked too, but nobody is in it. Name somebody on the keys page."
    assert steps[4].sentence == "It expires. Running out of time never approves."
    assert {person.name for person in steps[0].people} == {"Ben", "Cleo", "Eve", "Oda"}


def test_what_came_says_when(cast, monkeypatch):
    request = propose(rollback(), actor=PLANNER)
    shift(monkeypatch, hours=2, seconds=1)
    climb_due(actor=POLICY)

    steps = selectors.ladder(request)

    assert steps[1].done_at is not None
    assert [one.kind for one in steps if one.is_next] == ["backup"]
