"""Proposing: score, limits and policy say who decides, and the bytes are fixed."""

import pytest

from approvals.models import ApprovalRequest, Change, Decision, PolicyVersion
from approvals.policy.replay import outcome, replay
from approvals.services.activate_policy import activate_policy
from approvals.services.propose import propose
from audit import ledger
from audit.models import Entry
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotPermittedError, RefusedError
from proof.documents import parse_change, parse_statement
from proof.signatures import read_sidecar
from tests.approvals.plans import RESTART_FACTORS, restart, rollback, step

pytestmark = pytest.mark.django_db


def test_a_rollback_of_payments_is_high_and_asks_one_person(cast):
    request = propose(rollback(), actor=PLANNER)

    assert (request.state, request.route, request.needed) == ("PENDING", "single", 1)
    assert (request.change.tier, request.change.score) == ("HIGH", 9)
    document = parse_change(ledger.fetch(request.change_id))
    assert (document.tier, document.policy_people, document.version) == ("HIGH", 1, 1)
    assert (request.expires_at - request.created_at).total_seconds() == 6 * 3600
    assert document.policy_sha256 == PolicyVersion.objects.latest("version").sha256


def test_a_restart_of_a_stateless_service_is_medium_and_policy_signs_alone(cast):
    request = propose(restart(), actor=PLANNER)

    assert (request.state, request.route, request.needed) == ("GRANTED", "notify", 0)
    assert (request.change.tier, request.change.score) == ("MEDIUM", 5)
    decision = Decision.objects.get(request=request)
    statement = parse_statement(read_sidecar(ledger.fetch(decision.sidecar_sha256)).payload)
    assert (decision.person_id, statement.is_automatic, statement.route) == ("", True, "notify")
    assert statement.change_sha256 == request.change_id


def test_the_ledger_tells_what_happened_in_order(cast):
    request = propose(restart(), actor=PLANNER)

    lines = ledger.timeline("incident:42", limit=10)
    assert [line.verb for line in lines] == ["change.frozen", "request.opened", "decision.recorded", "request.granted"]
    assert lines[1].subject == f"request:{request.pk}"
    assert lines[1].facts["sentence"] == request.sentence


def test_the_stored_ruling_can_be_replayed(cast):
    request = propose(restart(), actor=PLANNER)

    request.refresh_from_db()
    assert replay(request.ruling) == outcome(request.ruling)
    assert request.ruling["library"].startswith("common-expression-language")
    assert request.ruling["policy"]["sha256"] == request.policy_sha256


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"criticality": "critical"}, "critical-service"),
        ({"confidence": 0.7}, "confidence"),
        ({"confidence": 0.2}, "confidence"),
        ({"autonomy": "suggest"}, "autonomy"),
        ({"tainted": True}, "tainted-parameters"),
    ],
)
def test_what_is_critical_doubtful_or_tainted_goes_to_a_person(cast, changes, rule):
    request = propose(restart(**changes), actor=PLANNER)

    assert (request.state, request.route, request.needed, request.rule) == ("PENDING", "single", 1, rule)


def test_an_action_that_no_limit_names_is_critical_however_low_it_scores(cast):
    harmless = {
        "data": ("public", ""),
        "reversibility": ("full", ""),
        "blast": ("single-user", ""),
        "compliance": ("none", ""),
    }

    request = propose(restart(steps=[step("drop-table", "lab/payments")], factors=harmless), actor=PLANNER)

    assert (request.change.score, request.change.tier) == (0, "CRITICAL")
    assert (request.route, request.needed) == ("quorum", 3)
    assert (request.expires_at - request.created_at).total_seconds() == 12 * 3600


def test_nothing_may_act_on_a_protected_target(cast):
    with pytest.raises(RefusedError, match="protected"):
        propose(restart(steps=[step("restart-service", "lab/supervisor", process="x")]), actor=PLANNER)

    assert not ApprovalRequest.objects.exists()


def test_a_secret_is_not_frozen(cast):
    with pytest.raises(RefusedError, match=r"The diff of \.env holds"):
        propose(rollback(diffs=[{"path": ".env", "text": "+DB_PASSWORD=correcthorse"}]), actor=PLANNER)
    with pytest.raises(RefusedError, match="Step 0"):
        propose(rollback(steps=[step("rollback-config", "lab/payments", api_key="0123456789abcdef")]), actor=PLANNER)


@pytest.mark.parametrize(
    "changes",
    [
        {"factors": {**RESTART_FACTORS, "data": ("secret", "")}},
        {"steps": []},
        {"steps": [step("restart-service", "prod/checkout", process="x")]},
        {"confidence": 1.2},
        {"verification": {}},
        {"intent": "e\u0301"},
        {"revises": "ab" * 32},
    ],
)
def test_a_draft_that_makes_no_change_is_refused_with_a_sentence(cast, changes):
    with pytest.raises(BadInputError):
        propose(restart(**changes), actor=PLANNER)

    assert not Change.objects.exists()


@pytest.mark.parametrize("who", ["dan", "mallory", "cleo"])
def test_only_agents_and_operators_propose(cast, who):
    with pytest.raises(NotPermittedError):
        propose(restart(), actor=getattr(cast, who).actor)


def test_a_person_who_proposes_becomes_interested(cast):
    request = propose(rollback(proposer={"kind": "person", "id": cast.ada.person.pk}), actor=cast.ada.actor)

    assert parse_change(ledger.fetch(request.change_id)).interested_persons == (cast.ada.person.pk,)


def test_a_revision_keeps_the_id_counts_up_and_voids_the_older_request(cast):
    first = propose(rollback(interested_persons=[cast.eve.person.pk]), actor=PLANNER)

    second = propose(rollback(revises=first.change_id), actor=PLANNER)

    first.refresh_from_db()
    assert first.state == "VOIDED"
    assert second.state == "PENDING"
    assert (second.change.uid, second.change.version) == (first.change.uid, 2)
    assert parse_change(ledger.fetch(second.change_id)).interested_persons == (cast.eve.person.pk,)


def test_the_hourly_allowance_of_automatic_decisions_ends_with_a_person(cast):
    routes = [propose(restart(), actor=PLANNER).route for _ in range(7)]

    assert routes == ["notify"] * 6 + ["single"]


def test_a_new_policy_voids_what_is_open_and_the_same_policy_changes_nothing(cast):
    request = propose(rollback(), actor=PLANNER)

    activate_policy("lab", actor=SYSTEM)
    request.refresh_from_db()
    assert request.state == "PENDING"

    activate_policy("default", actor=SYSTEM)
    request.refresh_from_db()
    assert request.state == "VOIDED"
    assert Entry.objects.filter(verb="policy.activated").count() == 2


def test_only_an_owner_activates_a_policy(cast):
    with pytest.raises(NotPermittedError):
        activate_policy("default", actor=cast.ben.actor)

    assert activate_policy("default", actor=cast.oda.actor).version == 2


def test_under_the_policy_of_a_new_installation_everything_asks_people(cast):
    activate_policy("default", actor=SYSTEM)

    request = propose(restart(), actor=PLANNER)

    assert (request.state, request.needed, request.change.tier) == ("PENDING", 3, "CRITICAL")
