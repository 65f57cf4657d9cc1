"""Revocation (revoke_key): one signature is enough, it counts from its own record on, and nothing brings a key back."""

import pytest
from django.test import Client

from approvals import possession, registry, revocations
from approvals.models import ApprovalRequest, Draft, PersonKey
from approvals.services.enrol_key import enrol_key
from approvals.services.issue_act_template import issue_act_template
from approvals.services.propose import propose
from approvals.services.revoke_key import index_at
from approvals.settling import judge
from audit import ledger
from audit.models import Entry, Leaf
from audit.services.sequence import sequence_all
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, ConsoleError, NotPermittedError
from tests.approvals.cast import member
from tests.approvals.decisions import decide, state_of
from tests.approvals.keyholders import hand_over, make_key_admins
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def revoke(by, key, reason="lost", since=""):
    return by.act("revoke-key", f"key:{key.key_id}", reason=reason, compromised_since=since)


def test_its_person_revokes_a_key_with_that_very_key(cast):
    revoke(cast.ben, cast.ben.key)

    assert registry.current().key(cast.ben.key.key_id).status == "revoked"
    assert PersonKey.objects.get(pk=cast.ben.key.key_id).revoked_at is not None
    assert Entry.objects.filter(verb="key.revoked", subject=f"key:{cast.ben.key.key_id}").count() == 1


def test_one_key_admin_is_enough_and_needs_no_threshold(cast):
    hand_over(cast.oda, cast.dan)

    revoke(cast.oda, cast.ben.key, "stolen")

    assert revocations.is_revoked(cast.ben.key.key_id)
    assert registry.current().key(cast.ben.key.key_id).status == "active"  # the next version says so
    request = propose(rollback(), actor=PLANNER)
    with pytest.raises(ConsoleError):
        decide(request, cast.ben)
    assert state_of(request) == "PENDING"


@pytest.mark.parametrize("who", ["ada", "cleo", "dan", "mallory", "oda"])
def test_nobody_else_revokes_it(cast, who):
    with pytest.raises(NotPermittedError):
        revoke(getattr(cast, who), cast.ben.key)


def test_a_role_in_the_rows_does_not_make_a_key_admin(cast):
    from people.models import RoleGrant

    RoleGrant.objects.create(person=cast.mallory.person, role="key-admin")

    with pytest.raises(NotPermittedError):
        revoke(cast.mallory, cast.ben.key)


def test_a_stolen_cookie_revokes_nothing(cast):
    client = Client()
    client.force_login(cast.ben.person)

    assert client.post(f"/api/v1/keys/{cast.ben.key.key_id}/revocation/").status_code == 404
    assert registry.current().key(cast.ben.key.key_id).status == "active"


def test_the_next_version_says_at_which_record_it_was_revoked(cast):
    row = revoke(cast.ben, cast.ben.key)
    sequence_all()

    member("cleo")

    key = registry.current().key(cast.ben.key.key_id)
    assert key.revoked_index == Leaf.objects.get(entry__uid=row.entry_uid).seq


def test_an_approval_that_did_not_run_is_void(cast):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    assert state_of(request) == "GRANTED"

    result = revoke(cast.ben, cast.ben.key).result

    assert (state_of(request), result["voided"], result["review"]) == ("VOIDED", [request.pk], [])


def test_what_ran_since_the_key_was_not_safe_is_listed_for_review(cast):
    request = propose(rollback(), actor=PLANNER)
    decide(request, cast.ben)
    ledger.append(actor="agent:executor", verb="run.intended", subject="run:1", about=[f"change:{request.change_id}"])
    sequence_all()

    result = revoke(cast.ben, cast.ben.key, "stolen", "1").result

    assert (result["voided"], result["review"]) == ([], [request.pk])
    assert registry.current().key(cast.ben.key.key_id).compromised_since == 1


def test_a_pending_request_counts_it_no_more(cast):
    request = propose(rollback(), actor=PLANNER)
    revoke(cast.ben, cast.ben.key)

    assert judge(ApprovalRequest.objects.get(pk=request.pk)).have == 0


def test_a_revoked_key_of_the_root_signs_no_draft_and_the_root_follows(cast):
    hand_over(cast.oda, cast.dan, seed=b"7" * 32)
    make_admin = cast.ben
    make_key_admins(make_admin)
    draft = Draft.objects.get(state="OPEN")
    revoke(cast.oda, cast.dan.key)

    with pytest.raises(ConsoleError):
        cast.dan.cosign(draft)


def test_a_key_that_is_revoked_is_not_revoked_again_nor_enrolled_again(cast):
    revoke(cast.ben, cast.ben.key)
    make_key_admins(cast.oda)

    with pytest.raises(ConsoleError, match="already"):
        revoke(cast.oda, cast.ben.key)
    twin = possession.from_file(cast.ben.key.public, label="found it")
    with pytest.raises(ConsoleError, match="already"):
        enrol_key(cast.ben.person, twin, actor=SYSTEM, how="ssh-file-on-host")


@pytest.mark.parametrize("since", ["-1", "yesterday", "1.5", "9" * 20])
def test_since_when_is_a_records_number(cast, since):
    with pytest.raises(BadInputError):
        issue_act_template(
            "revoke-key",
            f"key:{cast.ben.key.key_id}",
            {"reason": "x", "compromised_since": since},
            cast.ben.key.key_id,
            session="s",
            actor=cast.ben.actor,
        )


def test_a_time_becomes_the_first_record_since(cast):
    sequence_all()
    first = Entry.objects.order_by("pk").first()

    assert index_at(clock.rfc3339(first.at)) == 0
    assert index_at("2099-01-01T00:00:00Z") == -1
    with pytest.raises(BadInputError):
        index_at("yesterday")
