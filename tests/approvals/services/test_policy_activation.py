"""H17: activate_policy by the root's threshold; it voids open requests unless it accepts the older policy."""

from pathlib import Path

import pytest
import yaml

from approvals import activation, bundles
from approvals.models import ApprovalRequest, Draft, PolicyVersion
from approvals.services.activate_policy import activate_policy
from approvals.services.propose import propose
from approvals.services.refound import refound
from audit import keystore, ledger
from audit.services.sequence import sequence_all
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import ConsoleError, NotPermittedError, RefusedError, WrongStateError
from proof.documents import POLICY_PAYLOAD
from proof.multisig import sign_with_ed25519
from tests.approvals.decisions import decide, state_of
from tests.approvals.keyholders import hand_over
from tests.approvals.plans import rollback, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def another(tmp_path):
    """A policy file that says what the lab's says, but for what is given."""

    def write(**over) -> Path:
        content = yaml.safe_load((bundles.SHIPPED / "lab.yaml").read_text())
        content.update(over)
        path = tmp_path / f"policy-{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


def test_in_first_use_it_is_in_force_at_once(cast, another):
    assert isinstance(activate_policy(another(cool_down_s=7), actor=SYSTEM), PolicyVersion)
    assert bundles.in_force().policy.cool_down_s == 7


def test_once_the_root_is_people_it_takes_their_signatures(cast, another):
    hand_over(cast.oda, cast.dan)
    before = bundles.in_force().version

    draft = activate_policy(another(cool_down_s=7), actor=SYSTEM)

    assert isinstance(draft, Draft)
    cast.oda.cosign(draft)
    assert bundles.in_force().version == before
    cast.dan.cosign(draft)
    assert (bundles.in_force().version, bundles.in_force().policy.cool_down_s) == (before + 1, 7)


@pytest.mark.parametrize("dated", ["now", "before the handover"])
def test_the_computers_own_key_signs_no_policy_any_more(cast, another, dated):
    """Whoever controls the computer writes a row, signs it with the old root, and dates it as he likes."""
    before = clock.now()
    hand_over(cast.oda, cast.dan)
    sequence_all()

    content = bundles.content_of(another(cool_down_s=7))
    data = bundles.document_of(content, version=99, created_at=before if dated != "now" else clock.now())
    forged = sign_with_ed25519(keystore.private("root"), POLICY_PAYLOAD, data)
    row = PolicyVersion.objects.create(
        version=99,
        sha256=ledger.keep(POLICY_PAYLOAD, data),
        signature_sha256=ledger.keep("application/json", forged),
        created_at=before,
    )
    with pytest.raises(RefusedError, match="not signed by the registry's root"):
        bundles.in_force()

    documents = {"policy": row.sha256, "signature": row.signature_sha256}
    ledger.append(actor=SYSTEM, verb="policy.activated", subject="policy:99", documents=documents)
    sequence_all()
    with pytest.raises(RefusedError, match="not signed by the registry's root"):
        bundles.in_force()


def test_a_policy_signed_before_the_root_was_handed_over_stays_in_force(cast):
    sequence_all()
    hand_over(cast.oda, cast.dan)
    sequence_all()

    assert bundles.in_force().version == 1


def test_after_the_root_was_founded_anew_the_policy_is_signed_anew(cast):
    request = propose(rollback(), actor=PLANNER)
    hand_over(cast.oda, cast.dan)
    refound(actor=SYSTEM)

    assert (bundles.in_force().version, state_of(request)) == (2, "VOIDED")


def test_activated_between_two_signatures_it_voids_the_request(cast, another):
    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)
    for_critical = ApprovalRequest.objects.get(pk=request.pk)
    assert for_critical.is_pending

    activate_policy(another(cool_down_s=7), actor=SYSTEM)

    assert state_of(request) == "VOIDED"
    with pytest.raises(WrongStateError):
        decide(request, cast.ben)


def test_activated_between_grant_and_window_it_voids_the_request(cast, another):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    assert state_of(request) == "GRANTED"

    activate_policy(another(cool_down_s=7), actor=SYSTEM)

    assert state_of(request) == "VOIDED"


def test_what_runs_already_is_left_alone(cast, another):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    ledger.append(actor="agent:executor", verb="run.intended", subject="run:1", about=[f"change:{request.change_id}"])

    activate_policy(another(cool_down_s=7), actor=SYSTEM)

    assert state_of(request) == "GRANTED"


def test_a_request_whose_policy_is_accepted_and_whose_floor_stays_goes_on(cast, another):
    request = propose(rollback(), actor=PLANNER)

    activate_policy(another(cool_down_s=7, accepts=[bundles.in_force().sha256]), actor=SYSTEM)

    assert state_of(request) == "PENDING"


def test_an_accepted_policy_does_not_help_where_the_floor_rises(cast, another):
    request = propose(rollback(), actor=PLANNER)
    limits = yaml.safe_load((bundles.SHIPPED / "lab.yaml").read_text())["limits"]
    raised = [{**limit, "people": 2} if limit["action"] == "rollback-config" else limit for limit in limits]

    activate_policy(another(limits=raised, accepts=[bundles.in_force().sha256]), actor=SYSTEM)

    assert state_of(request) == "VOIDED"


def test_how_many_it_would_void_is_known_beforehand(cast, another):
    propose(rollback(), actor=PLANNER)

    assert len(activation.would_void(bundles.draft_of(another(cool_down_s=7)))) == 1


def test_going_back_is_a_new_version_and_an_old_bundle_under_a_new_row_is_none(cast, another):
    first = bundles.in_force()
    activate_policy(another(cool_down_s=7), actor=SYSTEM)
    back = activate_policy("lab", actor=SYSTEM)
    assert (back.version, back.sha256 == first.sha256) == (3, False)

    old = PolicyVersion.objects.get(version=1)
    PolicyVersion.objects.create(
        version=4, sha256=old.sha256, signature_sha256=old.signature_sha256, created_at=old.created_at
    )
    with pytest.raises(ConsoleError, match="Going back is a new version"):
        bundles.in_force()


def test_two_policies_are_not_signed_at_once(cast, another):
    hand_over(cast.oda, cast.dan)
    activate_policy(another(cool_down_s=7), actor=SYSTEM)

    with pytest.raises(WrongStateError, match="being signed"):
        activate_policy(another(cool_down_s=8), actor=SYSTEM)


@pytest.mark.parametrize("who", ["ada", "ben", "dan", "mallory"])
def test_nobody_else_activates_one(cast, another, who):
    with pytest.raises(NotPermittedError):
        activate_policy(another(cool_down_s=7), actor=getattr(cast, who).actor)
