"""Attacks on decisions: what was altered, replayed, forged, lowered or signed by somebody else is refused."""

import json
from datetime import timedelta

import pytest

from approvals import possession, statements
from approvals.models import ApprovalRequest, Decision, PersonKey, SigningTemplate
from approvals.services.decide_automatically import decide_automatically
from approvals.services.issue_template import issue_template
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from approvals.services.revoke_key import revoke_key
from approvals.settling import records_of
from audit import ledger
from core import clock
from core.actors import PLANNER, POLICY, SYSTEM
from core.errors import ConsoleError, NotPermittedError, RefusedError, WrongStateError
from people.models import RoleGrant
from proof import canonical
from tests.approvals.cast import Cast, Member, public_line
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.plans import restart, rollback, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast: Cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def critical(**changes) -> ApprovalRequest:
    return propose(rollback(steps=[step("drop-table", "lab/payments")], **changes), actor=PLANNER)


def shift(monkeypatch, **by) -> None:
    later = clock.now() + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: later)


def test_the_same_statement_twice_is_one_decision(cast, request_):
    template = handed_out(request_, cast.ben)
    sidecar = cast.ben.sign(bytes(template.statement))

    first = record_decision(request_.pk, sidecar, "", actor=cast.ben.actor)
    again = record_decision(request_.pk, sidecar, "", actor=cast.ben.actor)

    assert first == again
    assert Decision.objects.count() == 1


def test_a_used_template_takes_no_second_statement(cast, request_):
    template = handed_out(request_, cast.ben, "abstain")
    record_decision(request_.pk, cast.ben.sign(bytes(template.statement)), "", actor=cast.ben.actor)
    other = statements.filled_in(bytes(template.statement), viewed_ms=9, sections_seen=[], comment_commitment="")

    with pytest.raises(RefusedError, match="used already"):
        record_decision(request_.pk, cast.ben.sign(other), "", actor=cast.ben.actor)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision", "approve"),
        ("audience", "executor:prod"),
        ("tier_seen", "LOW"),
        ("render_sha256", "00" * 32),
        ("registry_version", 1),
        ("expires_at", "2099-01-01T00:00:00.000000Z"),
        ("policy_sha256", "11" * 32),
        ("request", 999),
    ],
)
def test_an_altered_statement_is_refused_though_its_signature_is_good(cast, request_, name, value):
    document = json.loads(bytes(handed_out(request_, cast.ben, "abstain").statement))
    document["predicate"][name] = value

    with pytest.raises(RefusedError, match="handed out"):
        record_decision(request_.pk, cast.ben.sign(canonical.dumps(document)), "", actor=cast.ben.actor)

    assert state_of(request_) == "PENDING"


def test_a_statement_about_another_change_is_refused(cast, request_):
    other = propose(rollback(incident="incident:43"), actor=PLANNER)
    template = handed_out(other, cast.ben)

    with pytest.raises(RefusedError):
        record_decision(request_.pk, cast.ben.sign(bytes(template.statement)), "", actor=cast.ben.actor)

    document = json.loads(bytes(handed_out(request_, cast.ben).statement))
    document["subject"][0]["digest"]["sha256"] = other.change_id
    with pytest.raises(RefusedError, match="handed out"):
        record_decision(request_.pk, cast.ben.sign(canonical.dumps(document)), "", actor=cast.ben.actor)


def test_a_statement_that_was_never_handed_out_is_refused(cast, request_):
    template = handed_out(request_, cast.ben)
    SigningTemplate.objects.all().delete()

    with pytest.raises(RefusedError, match="not handed out"):
        record_decision(request_.pk, cast.ben.sign(bytes(template.statement)), "", actor=cast.ben.actor)


def test_nobody_uses_somebody_elses_template_or_key(cast, request_):
    bens = handed_out(request_, cast.ben)

    with pytest.raises(RefusedError, match="somebody else"):
        record_decision(request_.pk, cast.ben.sign(bytes(bens.statement)), "", actor=cast.cleo.actor)
    with pytest.raises(RefusedError):
        record_decision(request_.pk, cast.cleo.sign(bytes(bens.statement)), "", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="does not list this key as yours"):
        issue_template(request_.pk, "approve", cast.ben.key.key_id, actor=cast.cleo.actor)


def test_a_key_row_without_a_registry_is_worth_nothing(cast, request_):
    """An owner of the database gives Ben a key that Mallory holds."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    forged = possession.from_file(public_line(private), label="forged")
    row = PersonKey.objects.create(
        key_id=forged.key_id,
        person_id=cast.ben.person.pk,
        key_class=forged.key_class,
        label="forged",
        public=forged.public,
        enrolled_at=clock.now(),
    )
    mallory = Member(person=cast.ben.person, private=private, key=row)

    with pytest.raises(RefusedError, match="signed registry"):
        handed_out(request_, mallory)
    template = handed_out(request_, cast.ben)
    document = json.loads(bytes(template.statement))
    document["predicate"]["key_id"] = forged.key_id
    with pytest.raises(RefusedError, match="No key"):
        record_decision(request_.pk, mallory.sign(canonical.dumps(document)), "", actor=mallory.actor)


def test_a_role_from_a_row_is_worth_nothing(cast, request_):
    """Mallory is made an approver in the database; the signed registry does not know it."""
    RoleGrant.objects.create(person=cast.mallory.person, role="approver")

    with pytest.raises(RefusedError, match="not an approver"):
        decide(request_, cast.mallory)

    assert state_of(request_) == "PENDING"


@pytest.mark.parametrize("who", ["ada", "dan", "mallory"])
def test_whoever_has_no_approvers_role_cannot_even_begin(cast, request_, who):
    with pytest.raises(NotPermittedError):
        handed_out(request_, getattr(cast, who))


def test_interested_persons_may_not_approve_but_may_reject(cast):
    request = propose(rollback(interested_persons=[cast.ben.person.pk]), actor=PLANNER)

    with pytest.raises(RefusedError, match="proposed or shaped"):
        handed_out(request, cast.ben)
    abstaining = json.loads(bytes(handed_out(request, cast.ben, "abstain").statement))
    abstaining["predicate"]["decision"] = "approve"
    with pytest.raises(RefusedError):
        record_decision(request.pk, cast.ben.sign(canonical.dumps(abstaining)), "", actor=cast.ben.actor)

    decide(request, cast.ben, "reject", "I see now that I was wrong.")
    assert state_of(request) == "REJECTED"


def test_a_revoked_key_signs_nothing(cast, request_):
    template = handed_out(request_, cast.ben)
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="stolen")

    with pytest.raises(RefusedError):
        record_decision(request_.pk, cast.ben.sign(bytes(template.statement)), "", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="revoked"):
        handed_out(request_, cast.ben)


def test_a_template_lives_five_minutes(cast, request_, monkeypatch):
    template = handed_out(request_, cast.ben)
    sidecar = cast.ben.sign(bytes(template.statement))
    shift(monkeypatch, minutes=5, seconds=1)

    with pytest.raises(RefusedError, match="five minutes"):
        record_decision(request_.pk, sidecar, "", actor=cast.ben.actor)


def test_nothing_is_decided_after_its_time(cast, request_, monkeypatch):
    template = handed_out(request_, cast.ben)
    SigningTemplate.objects.update(expires_at=clock.now() + timedelta(days=1))
    sidecar = cast.ben.sign(bytes(template.statement))
    shift(monkeypatch, hours=6, seconds=1)

    with pytest.raises(WrongStateError, match="over"):
        record_decision(request_.pk, sidecar, "", actor=cast.ben.actor)
    with pytest.raises(WrongStateError):
        handed_out(request_, cast.ben)


def test_a_settled_request_takes_no_approvals(cast, request_):
    decide(request_, cast.ben)

    with pytest.raises(WrongStateError, match="already granted"):
        handed_out(request_, cast.cleo)


def test_critical_needs_three_people_of_the_right_class(cast):
    with pytest.raises(RefusedError, match="class ssh-file does not count"):
        handed_out(critical(), cast.ben)


def test_a_lowered_change_is_invalid_however_it_is_signed(cast):
    """An owner of the database lowers the tier everywhere he can write; the limits in the signed policy remain."""
    request = propose(restart(), actor=PLANNER)
    document = json.loads(ledger.fetch(propose(rollback(), actor=PLANNER).change_id))
    document["risk"]["tier"], document["policy"]["people"] = "LOW", 0
    forged = ledger.keep("application/json", canonical.dumps(document))
    change = request.change
    change.pk, change.tier = forged, "LOW"
    change.save(force_insert=True)
    lowered = ApprovalRequest.objects.create(
        change=change,
        route="auto",
        needed=0,
        sentence="",
        rule="routine",
        policy_sha256=request.policy_sha256,
        ruling=request.ruling,
        created_at=request.created_at,
        expires_at=request.expires_at,
        execute_by=request.execute_by,
    )

    with pytest.raises(RefusedError):
        decide_automatically(lowered.pk, actor=POLICY)
    with pytest.raises(RefusedError, match="claims to be LOW"):
        decide(lowered, cast.ben)
    assert state_of(lowered) == "PENDING"


def test_a_changed_ruling_row_signs_nothing(cast):
    request = propose(rollback(), actor=PLANNER)
    ruling = dict(request.ruling)
    ruling["outcome"] = {**ruling["outcome"], "route": "auto", "people": 0}
    ApprovalRequest.objects.filter(pk=request.pk).update(ruling=ruling, route="auto", needed=0)

    with pytest.raises(RefusedError, match="may not decide this alone"):
        decide_automatically(request.pk, actor=POLICY)


@pytest.mark.parametrize("actor", [PLANNER])
def test_only_the_policy_service_decides_alone(cast, actor):
    with pytest.raises(NotPermittedError):
        decide_automatically(propose(rollback(), actor=PLANNER).pk, actor=actor)


def test_a_no_whose_row_was_taken_away_still_counts(cast):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.cleo, "reject", "No.")
    Decision.objects.all().delete()

    assert len(records_of(request.change_id)) == 1


@pytest.mark.parametrize("sidecar", [b"", b"{}", b"[]", b"{", b'{"_type":"x"}', b"\xff", b"9" * 200_000])
def test_rubbish_is_refused_with_a_sentence(cast, request_, sidecar):
    with pytest.raises(ConsoleError):
        record_decision(request_.pk, sidecar, "", actor=cast.ben.actor)
