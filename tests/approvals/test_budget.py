"""The budget of approvals: counted from the ledger, asked before a statement is handed out."""

from dataclasses import replace

import pytest

from approvals import bundles, selectors
from approvals.models import Decision
from approvals.services.propose import propose
from core.actors import PLANNER
from core.errors import RefusedError
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, handed_out
from tests.approvals.plans import rollback, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_an_hour(cast, monkeypatch):
    active = bundles.in_force()
    monkeypatch.setattr(bundles, "in_force", lambda: replace(active, policy=replace(active.policy, budget=2)))


def asked(intent: str, **changes):
    return propose(rollback(intent=intent, **changes), actor=PLANNER)


def test_nobody_approves_more_in_an_hour_than_the_policy_lets_one_person(cast, two_an_hour, monkeypatch):
    for number in range(2):
        decide(asked(f"revert {number}"), cast.ben)
    third = asked("revert 2")

    with pytest.raises(RefusedError, match="nobody reads that many"):
        handed_out(third, cast.ben)
    assert handed_out(third, cast.cleo) is not None
    shift(monkeypatch, minutes=61)
    assert handed_out(third, cast.ben) is not None


def test_a_no_and_what_is_critical_are_never_held_up(cast, two_an_hour):
    for number in range(2):
        decide(asked(f"revert {number}"), cast.ben)

    assert handed_out(asked("revert 2"), cast.ben, "reject") is not None
    assert handed_out(asked("drop", steps=[step("drop-table", "lab/payments")]), cast.ben, "reject") is not None


def test_it_is_counted_from_the_ledger_not_from_rows(cast, two_an_hour):
    for number in range(2):
        decide(asked(f"revert {number}"), cast.ben)
    Decision.objects.all().delete()

    with pytest.raises(RefusedError):
        handed_out(asked("revert 2"), cast.ben)


def test_it_is_told(cast, two_an_hour):
    decide(asked("revert 0"), cast.ben)

    spent = selectors.budget(cast.ben.person.pk)

    assert (spent.limit, spent.used, spent.left) == (2, 1, 1)
    assert spent.sentence == "1 of 2 approvals of this hour used."
