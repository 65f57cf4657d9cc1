"""CRITICAL: three different people, each with a key that checked its user."""

from datetime import timedelta

import pytest

from approvals.models import ApprovalRequest
from approvals.services.activate_policy import activate_policy
from approvals.services.issue_template import issue_template
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from approvals.settling import judge
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import RefusedError
from tests.approvals.authenticator import Authenticator
from tests.approvals.cast import Member
from tests.approvals.decisions import state_of
from tests.approvals.enrolling import enrol
from tests.approvals.plans import restart, rollback, step

pytestmark = pytest.mark.django_db


def enrolled(member: Member) -> tuple[Authenticator, str]:
    device = Authenticator()
    return device, enrol(member, device).key_id


def approve(request: ApprovalRequest, member: Member, device: Authenticator, key_id: str) -> None:
    template = issue_template(request.pk, "approve", key_id, actor=member.actor)
    record_decision(request.pk, device.sign(bytes(template.statement), key_id), "", actor=member.actor)


@pytest.mark.parametrize("policy", ["lab", "default"])
def test_three_people_grant_it_and_two_do_not(cast, policy, monkeypatch):
    keys = {member: enrolled(member) for member in (cast.ben, cast.cleo, cast.eve)}
    activate_policy(policy, actor=SYSTEM)
    tomorrow = clock.now() + timedelta(days=1, minutes=1)  # by then the keys have cooled down
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)

    states = []
    for member, (device, key_id) in keys.items():
        approve(request, member, device, key_id)
        states.append(state_of(request))

    assert states == ["PENDING", "PENDING", "GRANTED"]


def test_a_key_that_has_not_cooled_down_signs_nothing_high(cast):
    device, key_id = enrolled(cast.ben)
    activate_policy("default", actor=SYSTEM)
    request = propose(restart(), actor=PLANNER)

    with pytest.raises(RefusedError, match="too new"):
        approve(request, cast.ben, device, key_id)

    assert state_of(request) == "PENDING"


def test_one_person_with_three_keys_is_one_person(cast):
    keys = [enrolled(cast.ben) for _ in range(3)]
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)

    for device, key_id in keys:
        approve(request, cast.ben, device, key_id)

    assert (state_of(request), judge(request).have, judge(request).needed) == ("PENDING", 1, 3)
