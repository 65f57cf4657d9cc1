"""Standing approvals at the executor: it counts their uses from the log, whatever rows and server say (H15)."""

import pytest
from django.db import transaction

from agents.models import Remediation
from approvals.models import StandingApproval
from approvals.services.propose_standing import propose_standing
from audit import ledger
from audit.services.sequence import sequence_all
from core.actors import MONITOR
from tests.agents.execution.brink import carry_on, on_the_brink
from tests.agents.execution.test_alone import ended
from tests.approvals.services.test_standing import draft
from tests.approvals.services.test_standing import sign as sign_standing


@pytest.fixture
def forgetful(monkeypatch):
    """A server that sees nothing against another use."""
    monkeypatch.setattr("approvals.standings.reasons_against", lambda *_: iter(()))


def standing(cast, **limits):
    row = propose_standing(draft(**limits), actor=cast.ada.actor)
    sign_standing(row, cast.ben)
    sequence_all()
    return StandingApproval.objects.get(pk=row.pk)


def under_it():
    """A restart that policy would not decide alone."""
    return on_the_brink(confidence=0.6)


def test_it_runs_under_what_people_signed_once_and_says_so(world, cast):
    row = standing(cast)

    assert carry_on(under_it()).state == "VALIDATING"

    assert world.restarts == ["checkout"]
    assert row.state == "GRANTED"


def test_one_use_too_many_is_refused_though_the_server_forgot_them_all(world, cast, forgetful):
    standing(cast, max_uses=1, per_hour=1)
    ended(carry_on(under_it()))
    second = under_it()

    refused = carry_on(second)

    assert (refused.state, world.restarts) == ("FAILED", ["checkout"])
    assert "was used 1 times; 1 are allowed" in refused.note


def test_within_the_hour_and_while_it_rests_it_is_refused(world, cast, forgetful):
    standing(cast, max_uses=3, per_hour=2, cool_down_s=600)
    ended(carry_on(under_it()))

    assert "rests 600 s" in carry_on(under_it()).note


def test_one_change_that_was_taken_back_ends_it(world, cast, forgetful):
    standing(cast)
    first = carry_on(under_it())
    ended(first)
    with transaction.atomic():
        ledger.append(
            actor=MONITOR,
            verb="remediation.rolled_back",
            subject=first.subject,
            about=[f"change:{first.change_digest}"],
        )
    sequence_all()

    assert "was taken back, which ended it" in carry_on(under_it()).note
    assert Remediation.objects.filter(state="FAILED").count() == 1


def test_who_ends_it_ends_it_for_the_executor_too(world, cast, forgetful):
    row = standing(cast)
    remediation = under_it()
    cast.ben.act("end-standing", row.subject, why="no longer")

    refused = carry_on(remediation)

    assert (refused.state, world.restarts) == ("FAILED", [])
