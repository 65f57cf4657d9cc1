"""Who is asked, who may not sign and why, and what waits for whom."""

import pytest
import yaml

from approvals import bundles, selectors
from approvals.services.activate_policy import activate_policy
from approvals.services.climb import climb_due
from approvals.services.propose import propose
from core.actors import PLANNER, POLICY, SYSTEM
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide
from tests.approvals.plans import restart, rollback, step

pytestmark = pytest.mark.django_db

HARMLESS = {
    "data": ("public", ""),
    "reversibility": ("full", ""),
    "blast": ("single-user", ""),
    "compliance": ("none", ""),
}


def by_name(found):
    return {one.name: one for one in found}


def test_everybody_asked_is_told_with_what_they_said_and_why_they_may_not(cast):
    request = propose(rollback(interested_persons=[cast.cleo.person.pk]), actor=PLANNER)
    decide(request, cast.ben, "abstain")

    found = by_name(selectors.asked(request))

    assert set(found) == {"Ben", "Cleo", "Eve", "Oda"}
    assert (found["Ben"].verdict, found["Ben"].may_sign, found["Ben"].via) == ("abstain", True, "quorum")
    assert not found["Cleo"].may_sign
    assert "roposed or shaped" in found["Cleo"].why_not


def test_whoever_the_ladder_asked_is_among_them_since_then(cast, monkeypatch):
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)
    shift(monkeypatch, hours=8, seconds=1)
    climb_due(actor=POLICY)

    dan = by_name(selectors.asked(request))["Dan"]

    assert (dan.via, dan.may_sign) == ("backup", False)
    assert dan.since > request.created_at


def test_who_may_not_sign_is_said_in_sentences_without_ids(cast):
    request = propose(rollback(), actor=PLANNER)

    found = by_name(selectors.who_may_not(request))

    assert set(found) == {"Ada", "Dan", "Mallory"}
    assert found["Mallory"].sentence.startswith("Is not an approver")
    assert all(one.person_id not in one.sentence for one in found.values())


def test_an_inbox_holds_what_waits_for_me_and_what_for_others(cast):
    mine, shaped = propose(rollback(), actor=PLANNER), None
    shaped = propose(rollback(intent="another", interested_persons=[cast.ben.person.pk]), actor=PLANNER)

    before = selectors.inbox(cast.ben.person)
    decide(mine, cast.ben)
    after = selectors.inbox(cast.ben.person)

    assert ([one.pk for one in before.mine], [one.pk for one in before.team]) == ([mine.pk], [shaped.pk])
    assert ([one.pk for one in after.mine], [one.pk for one in after.decided]) == ([], [mine.pk])
    assert selectors.inbox(cast.mallory.person).mine == []


def test_low_requests_that_would_do_the_same_are_one_prompt(cast, tmp_path):
    content = yaml.safe_load((bundles.SHIPPED / "lab.yaml").read_text())
    content["limits"][0]["tier"] = "LOW"
    harmless = tmp_path / "harmless.yaml"
    harmless.write_text(yaml.safe_dump(content))
    activate_policy(harmless, actor=SYSTEM)
    first = propose(restart(factors=HARMLESS, confidence=0.6), actor=PLANNER)
    second = propose(restart(factors=HARMLESS, confidence=0.6, intent="again"), actor=PLANNER)
    propose(rollback(), actor=PLANNER)

    assert selectors.inbox(cast.ben.person).alike == {first.pk: [first.pk, second.pk]}
