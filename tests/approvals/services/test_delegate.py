"""Delegation (H25): service `delegate`; what counts is the signed act, in scope, in time, for one vote."""

import secrets
from datetime import timedelta

import pytest

from approvals import selectors, statements
from approvals.models import ApprovalRequest, Delegation
from approvals.services.issue_template import issue_template
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from approvals.services.revoke_key import revoke_key
from approvals.settling import judge
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError
from tests.approvals.cast import Member
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, state_of
from tests.approvals.plans import rollback, step

pytestmark = pytest.mark.django_db


def lend(giver: Member, taker: Member, *, days: float = 7, begins: float = 0, **other: str) -> Delegation:
    """A signed delegation, the rollback of payments unless something else is said."""
    uid, now = secrets.token_hex(16), clock.now()
    said = {
        "id": uid,
        "delegate": taker.person.pk,
        "actions": "rollback-config, restart-service",
        "targets": "lab/*",
        "not_before": clock.rfc3339(now + timedelta(days=begins) - timedelta(seconds=1)),
        "not_after": clock.rfc3339(now + timedelta(days=begins + days) - timedelta(seconds=2)),
    }
    giver.act("delegate", f"delegation:{uid}", **{**said, **other})
    return Delegation.objects.get(pk=uid)


def decide_for(request: ApprovalRequest, member: Member, lent: Delegation):
    template = issue_template(
        request.pk, "approve", member.key.key_id, actor=member.actor, delegation=lent.sidecar_sha256
    )
    signed = statements.filled_in(
        bytes(template.statement), viewed_ms=1, sections_seen=[], comment_commitment=statements.commitment(b"", "")
    )
    return record_decision(request.pk, member.sign(signed), "", actor=member.actor)


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def test_a_lent_right_is_used_and_the_page_says_for_whom(cast, request_):
    lent = lend(cast.ben, cast.cleo)

    decide_for(request_, cast.cleo, lent)

    assert state_of(request_) == "GRANTED"
    (told,) = selectors.decisions(request_)
    assert (told.name, told.for_name) == ("Cleo", "Ben")
    (row,) = selectors.delegations(cast.ben.person.pk)
    assert (row.state, row.delegate, row.sentence.startswith("Cleo may sign for Ben: ")) == ("active", "Cleo", True)


def test_delegator_and_delegate_together_are_one_vote(cast):
    from approvals import bundles

    request = propose(rollback(intent="twice"), actor=PLANNER)
    lent = lend(cast.ben, cast.cleo)
    assert bundles.in_force().policy.limits

    decide(request, cast.ben)
    before = judge(request)
    with pytest.raises(Exception, match="already"):
        decide_for(request, cast.cleo, lent)
    assert before.have == 1


def test_the_page_offers_only_what_could_be_used_here(cast, request_):
    lent = lend(cast.ben, cast.cleo)
    lend(cast.ben, cast.cleo, targets="lab/checkout")
    lend(cast.ben, cast.cleo, begins=3)

    assert [one.id for one in selectors.delegations_for(request_, cast.cleo.person.pk)] == [lent.pk]
    assert selectors.delegations_for(request_, cast.ben.person.pk) == []


def test_a_right_that_was_lent_is_not_lent_on(cast, request_):
    lend(cast.ben, cast.cleo)
    onward = lend(cast.cleo, cast.eve)

    with pytest.raises(RefusedError):
        issue_template(
            request_.pk, "approve", cast.ben.key.key_id, actor=cast.ben.actor, delegation=onward.sidecar_sha256
        )
    decide_for(request_, cast.eve, onward)
    assert judge(request_).counted[0][0] == cast.eve.person.pk
    assert selectors.decisions(request_)[0].for_name == "Cleo"


def test_ended_in_between_it_counts_no_more(cast):
    request = propose(rollback(intent="ended", steps=[step("rollback-config", "lab/payments", a="b")]), actor=PLANNER)
    lent = lend(cast.ben, cast.cleo)
    decide_for(request, cast.cleo, lent)
    assert state_of(request) == "GRANTED"

    cast.ben.act("end-delegation", f"delegation:{lent.pk}")

    assert (judge(request).have, state_of(request)) == (0, "PENDING")
    assert selectors.delegations(cast.cleo.person.pk)[0].state == "ended"
    with pytest.raises(RefusedError, match="ended already"):
        cast.cleo.act("end-delegation", f"delegation:{lent.pk}")


def test_the_delegators_revoked_key_ends_it(cast, request_):
    lent = lend(cast.ben, cast.cleo)
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="lost")

    with pytest.raises(RefusedError, match="would not count"):
        decide_for(request_, cast.cleo, lent)


def test_never_for_what_is_critical(cast):
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)
    lent = lend(cast.ben, cast.cleo, actions="drop-table")

    assert selectors.delegations_for(request, cast.cleo.person.pk) == []
    with pytest.raises(RefusedError):
        decide_for(request, cast.cleo, lent)


def test_before_after_and_beside_its_scope_it_does_not_count(cast, request_, monkeypatch):
    for lent in (lend(cast.ben, cast.cleo, begins=1), lend(cast.ben, cast.cleo, targets="lab/checkout")):
        with pytest.raises(RefusedError, match="would not count"):
            decide_for(request_, cast.cleo, lent)
    short = lend(cast.ben, cast.cleo, days=0.1)
    shift(monkeypatch, hours=3)
    with pytest.raises(RefusedError, match="would not count"):
        decide_for(request_, cast.cleo, short)
    assert [one.state for one in selectors.delegations(cast.ben.person.pk)] == ["over", "active", "coming"]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"actions": ""}, BadInputError),
        ({"targets": "*"}, BadInputError),
        ({"targets": "lab/**"}, BadInputError),
        ({"not_after": "soon"}, BadInputError),
        ({"not_after": "2099-01-01T00:00:00.000000Z"}, RefusedError),
        ({"not_after": "2020-01-01T00:00:00.000000Z"}, RefusedError),
        ({"id": "ab" * 16}, BadInputError),
        ({"more": "x"}, BadInputError),
    ],
)
def test_a_delegation_of_the_wrong_form_is_not_handed_out(cast, said, error):
    with pytest.raises(error):
        lend(cast.ben, cast.cleo, **said)
    assert not Delegation.objects.exists()


def test_only_between_two_who_may_sign_and_not_with_oneself(cast):
    for giver, taker in ((cast.ben, cast.mallory), (cast.mallory, cast.ben)):
        with pytest.raises(NotPermittedError):
            lend(giver, taker)
    with pytest.raises(RefusedError):
        lend(cast.ben, cast.ben)


def test_only_the_two_end_it(cast):
    lent = lend(cast.ben, cast.cleo)

    with pytest.raises(NotPermittedError):
        cast.eve.act("end-delegation", f"delegation:{lent.pk}")
    with pytest.raises(NotFoundError):
        cast.ben.act("end-delegation", f"delegation:{'ab' * 16}")


def test_a_row_without_an_act_lends_nothing(cast, request_):
    row = Delegation.objects.create(
        uid="cd" * 16, delegator=cast.ben.person.pk, delegate=cast.cleo.person.pk, actions=["rollback-config"],
        targets=["lab/*"], not_before=clock.now(), not_after=clock.now() + timedelta(days=1),
        sidecar_sha256="ab" * 32, made_at=clock.now(),
    )  # fmt: skip

    with pytest.raises(RefusedError, match="would not count"):
        decide_for(request_, cast.cleo, row)
