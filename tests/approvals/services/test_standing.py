"""Standing approvals (H15): services `propose_standing`, `decide_standing`, `end_standing`, and the attacks on them."""

from datetime import timedelta

import pytest
from django.db import transaction

from approvals import selectors, standings, statements
from approvals.models import ApprovalRequest, StandingApproval, StandingDecision
from approvals.services.activate_policy import activate_policy
from approvals.services.decide_standing import issue_standing_template, record_standing_decision
from approvals.services.end_standing import end_due
from approvals.services.propose import propose
from approvals.services.propose_standing import StandingDraft, propose_standing
from approvals.services.revoke_key import revoke_key
from approvals.settling import judge
from audit import ledger
from audit.models import Entry
from core import clock
from core.actors import PLANNER, POLICY, SYSTEM
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError, WrongStateError
from proof.documents import parse_statement
from proof.quorum import State
from proof.signatures import read_sidecar
from tests.approvals.cast import Member
from tests.approvals.clocks import shift
from tests.approvals.plans import restart, step

pytestmark = pytest.mark.django_db


def draft(**changes) -> StandingDraft:
    now = clock.now()
    said = {
        "environment": "lab",
        "intent": "Restart checkout when it hangs.",
        "action": "restart-service",
        "adapter": "supervisor.restart",
        "targets": ["lab/checkout"],
        "params": [{"name": "process", "const": "checkout"}],
        "max_uses": 3,
        "per_hour": 3,
        "cool_down_s": 0,
        "not_before": now - timedelta(seconds=1),
        "not_after": now + timedelta(days=7),
    }
    return StandingDraft(**{**said, **changes})


def sign(row: StandingApproval, member: Member, verdict: str = "approve", comment: str = "") -> StandingDecision:
    template = issue_standing_template(row.uid, verdict, member.key.key_id, actor=member.actor)
    signed = statements.filled_in(
        bytes(template.statement),
        viewed_ms=1,
        sections_seen=[],
        comment_commitment=statements.commitment(bytes(template.comment_salt), comment),
    )
    return record_standing_decision(row.uid, member.sign(signed), comment, actor=member.actor)


def begin(request: ApprovalRequest) -> None:
    with transaction.atomic():
        ledger.append(
            actor="agent:executor", verb="run.intended", subject="run:1", about=[f"change:{request.change_id}"]
        )


def asking(number: int = 0, **changes) -> ApprovalRequest:
    """A restart that policy would not decide alone: the confidence is too low."""
    return propose(restart(confidence=0.6, intent=f"restart checkout, {number}", **changes), actor=PLANNER)


@pytest.fixture
def granted(cast) -> StandingApproval:
    row = propose_standing(draft(), actor=cast.ada.actor)
    sign(row, cast.ben)
    row.refresh_from_db()
    return row


def test_what_people_signed_once_runs_without_asking_again_and_says_under_what(cast, granted):
    assert granted.state == "GRANTED"

    request = asking()

    assert (request.state, request.route, request.rule, request.needed) == ("GRANTED", "notify", "standing", 0)
    statement = parse_statement(read_sidecar(ledger.fetch(request.decisions.get().sidecar_sha256)).payload)
    assert (statement.is_automatic, statement.standing) == (True, granted.digest)
    assert judge(request).standing == granted.digest
    told = selectors.standing_of(request)
    assert (told.name, told.sentence) == (granted.name, f"Ran under {granted.name} of Ben, 0 of 3.")
    begin(request)
    assert selectors.standing_of(request).sentence == f"Ran under {granted.name} of Ben, 1 of 3."


def test_where_agents_may_only_suggest_they_only_suggest(cast, granted):
    assert asking(autonomy="suggest").state == "PENDING"


def test_until_it_is_signed_nothing_runs_under_it(cast):
    row = propose_standing(draft(), actor=cast.ada.actor)

    assert asking().state == "PENDING"
    assert selectors.standing(row.uid).state == "PROPOSED"


def test_used_up_it_asks_people_and_ends(cast, granted):
    for number in range(3):
        request = asking(number)
        assert request.rule == "standing"
        begin(request)

    assert asking(4).state == "PENDING"
    assert end_due(actor=POLICY) == [granted.name]
    assert selectors.standing(granted.uid).ended_why == "It was used as often as it may be."
    assert Entry.objects.filter(verb="standing.ended").count() == 1


def test_decided_but_not_begun_counts_too(cast, granted):
    for number in range(3):
        assert asking(number).rule == "standing"

    assert asking(4).state == "PENDING"


def test_no_row_resets_the_count(cast, granted):
    for number in range(3):
        begin(asking(number))
    ApprovalRequest.objects.update(rule="routine", sentence="")
    StandingApproval.objects.update(settled_at=clock.now())

    assert asking(4).state == "PENDING"


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": [step("restart-service", "lab/gateway", process="checkout")]},
        {"steps": [step("restart-service", "lab/checkout", process="payments")]},
        {"steps": [step("restart-service", "lab/checkout", process="checkout", force="yes")]},
        {"steps": [step("restart-service", "lab/checkout")]},
    ],
)
def test_a_target_or_parameter_outside_of_it_asks_people(cast, granted, changes):
    assert asking(**changes).state == "PENDING"


def test_it_rests_between_uses_and_only_so_often_an_hour(cast, monkeypatch):
    row = propose_standing(draft(per_hour=1, cool_down_s=0), actor=cast.ada.actor)
    sign(row, cast.ben)
    begin(asking(1))
    assert asking(2).state == "PENDING"
    shift(monkeypatch, minutes=61)
    assert asking(3).rule == "standing"


def test_it_ends_with_its_signers_key(cast, granted):
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="left")

    assert asking().state == "PENDING"
    assert end_due(actor=POLICY) == [granted.name]
    assert selectors.standing(granted.uid).state == "ENDED"


def test_it_ends_when_a_change_under_it_was_taken_back(cast, granted):
    request = asking()
    begin(request)
    with transaction.atomic():
        ledger.append(
            actor="agent:executor",
            verb="remediation.rolled_back",
            subject="remediation:1",
            about=[f"change:{request.change_id}"],
        )

    assert asking(2).state == "PENDING"
    end_due(actor=POLICY)
    assert "taken back" in selectors.standing(granted.uid).ended_why


def test_it_ends_with_the_policy(cast, granted):
    activate_policy("default", actor=SYSTEM)

    assert end_due(actor=POLICY) == [granted.name]
    assert "policy" in selectors.standing(granted.uid).ended_why


def test_it_ends_with_its_time(cast, granted, monkeypatch):
    shift(monkeypatch, days=8)

    assert standings.covering is not None
    assert end_due(actor=POLICY) == [granted.name]


def test_somebody_ends_it_by_signing(cast, granted):
    with pytest.raises(NotPermittedError):
        cast.dan.act("end-standing", f"standing:{granted.uid}", why="No.")
    cast.cleo.act("end-standing", f"standing:{granted.uid}", why="Not needed any more.")

    assert asking().state == "PENDING"
    assert selectors.standing(granted.uid).ended_why == "Not needed any more."
    with pytest.raises(WrongStateError):
        cast.cleo.act("end-standing", f"standing:{granted.uid}", why="Again.")
    with pytest.raises(NotFoundError):
        cast.cleo.act("end-standing", f"standing:{'ab' * 16}", why="What?")


def test_a_row_that_says_granted_grants_nothing(cast):
    row = propose_standing(draft(), actor=cast.ada.actor)
    StandingApproval.objects.filter(pk=row.pk).update(state="GRANTED")

    assert asking().state == "PENDING"
    assert standings.verdict_of(row).state is State.PENDING


def test_whoever_asked_for_it_may_reject_but_not_approve_it(cast):
    row = propose_standing(draft(), actor=cast.ben.actor)

    with pytest.raises(RefusedError, match="asked for it"):
        sign(row, cast.ben)
    sign(row, cast.ben, "reject", "On second thoughts, no.")
    assert selectors.standing(row.uid).state == "REJECTED"
    with pytest.raises(WrongStateError):
        sign(row, cast.cleo)


def test_a_rejection_needs_a_reason_and_the_same_signature_counts_once(cast):
    row = propose_standing(draft(), actor=cast.ada.actor)
    with pytest.raises(BadInputError, match="why"):
        sign(row, cast.ben, "reject")
    template = issue_standing_template(row.uid, "approve", cast.cleo.key.key_id, actor=cast.cleo.actor)
    sidecar = cast.cleo.sign(bytes(template.statement))

    first = record_standing_decision(row.uid, sidecar, "", actor=cast.cleo.actor)
    assert record_standing_decision(row.uid, sidecar, "", actor=cast.cleo.actor) == first
    assert StandingDecision.objects.count() == 1


def test_a_decision_about_a_change_is_none_about_a_standing_approval(cast):
    from tests.approvals.decisions import handed_out
    from tests.approvals.plans import rollback

    row, request = propose_standing(draft(), actor=cast.ada.actor), propose(rollback(), actor=PLANNER)
    about_a_change = cast.ben.sign(bytes(handed_out(request, cast.ben).statement))
    template = issue_standing_template(row.uid, "approve", cast.ben.key.key_id, actor=cast.ben.actor)
    about_a_standing = cast.ben.sign(bytes(template.statement))

    from approvals.services.record_decision import record_decision

    with pytest.raises(RefusedError, match="something else"):
        record_standing_decision(row.uid, about_a_change, "", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="something else"):
        record_decision(request.pk, about_a_standing, "", actor=cast.ben.actor)
