"""The signing page of a change that takes three people, over a registry and a policy that are really signed."""

import pytest

from approvals.models import ApprovalRequest, PersonKey
from approvals.services.revoke_key import revoke_key
from audit.services.sequence import sequence_all
from core.actors import SYSTEM, Role
from people.services.add_person import add_person
from tests.approvals.cast import member
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(cast, policy, lab):
    """Everybody has a key in the signed registry; Eve is a third approver."""
    cast["eve"] = add_person("eve", "Eve Approver", [Role.APPROVER], actor=SYSTEM)
    return {handle: member(handle) for handle in ("ada", "ben", "cleo", "eve")}


def asked(*, critical=False, interested=()):
    made = world.incident(severity="S1")
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.diagnosed(found, made)
    return world.proposed(found, made, critical=critical, interested=interested)


def page_of(client, request):
    return client.get(f"/approvals/{request.pk}/").content.decode()


def test_it_says_what_is_still_missing_and_what_happens_when(as_, house):
    page = page_of(as_("ben"), asked(critical=True))
    assert "0 of 3" in page
    assert "What happens when" in page
    assert "Running out of time never approves" in page
    assert "Still missing: 3 approvers, a key that checked its user, by PIN or finger." in page


def test_it_says_what_happens_once_it_is_signed_or_rejected_and_how_many_can_sign(as_, house):
    page = page_of(as_("ben"), asked())
    assert "With the last signature it runs at once." in page
    assert "One rejection ends it for everybody. Nothing runs, and the incident goes to people" in page
    assert "people can sign." in page
    assert "Afterwards the executor watches for up to" in page
    assert '<p class="trouble">Now: payments fails one request in twelve, since' in page


def test_an_approver_whose_keys_are_all_gone_is_led_to_enrolling_one(as_, house):
    revoke_key(PersonKey.objects.get(person_id=house["ben"].person.pk).pk, actor=SYSTEM, why="lost")
    page = page_of(as_("ben"), asked())
    assert "Enrol a passkey" in page


def test_keys_of_a_class_that_does_not_count_are_told_on_the_page(as_, house):
    page = page_of(as_("ben"), asked(critical=True))
    assert "You may not sign. You have no key of a class that counts: ssh-sk-uv, webauthn." in page
    assert "has no key of a class that counts" in page
    assert 'id="approve"' not in page


def test_who_shaped_it_may_only_reject_and_everybody_reads_that(as_, house, cast):
    request = asked(interested=[cast["ben"].pk])
    assert "You proposed or shaped this change; you may reject it." in page_of(as_("ben"), request)
    others = page_of(as_("cleo"), request)
    assert "Ben Approver<small>proposed or shaped this change; they may reject it</small>" in others
    assert cast["ben"].pk not in others


def test_agents_are_listed_among_those_who_may_not(as_, house):
    assert "agents never sign" in page_of(as_("cleo"), asked())


def test_below_high_one_need_not_have_read_every_part(as_, house):
    request = asked()
    assert 'data-friction="read"' in page_of(as_("ben"), request)
    type(request.change).objects.filter(pk=request.change_id).update(tier="MEDIUM")
    assert 'data-friction="light"' in page_of(as_("ben"), request)


def signed_by(house, request, handle, verdict="approve", comment=""):
    from approvals.services.issue_template import issue_template
    from approvals.services.record_decision import record_decision

    who = house[handle]
    template = issue_template(request.pk, verdict, who.key.key_id, actor=who.actor, comment=comment)
    return record_decision(request.pk, who.sign(bytes(template.statement)), comment, actor=who.actor)


def test_a_signature_is_sent_until_a_signed_head_covers_its_record(as_, house):
    request = asked()
    sequence_all()
    signed_by(house, request, "ben")
    assert "Sent, not yet recorded." in page_of(as_("ben"), request)
    receipt = as_("ben").get(f"/approvals/{request.pk}/receipt/").json()
    assert (receipt["decision"], receipt["record"]) == ("approve", None)
    sequence_all()
    assert "by the server's word" in page_of(as_("ben"), request)
    receipt = as_("ben").get(f"/approvals/{request.pk}/receipt/").json()
    assert receipt["record"]["seq"] < receipt["head"]["size"]
    assert receipt["record"]["path"]


def test_a_receipt_is_of_ones_own_decision_alone(as_, house):
    request = asked()
    signed_by(house, request, "ben")
    sequence_all()
    assert as_("cleo").get(f"/approvals/{request.pk}/receipt/").json() == {"decision": "", "record": None, "head": None}
    assert as_("mallory").get(f"/approvals/{request.pk}/receipt/").status_code == 403


def test_a_signature_can_be_withdrawn_until_the_run_is_announced(as_, house):
    request = asked()
    ApprovalRequest.objects.filter(pk=request.pk).update(needed=2)
    signed_by(house, request, "ben")
    page = page_of(as_("ben"), request)
    assert "Withdraw your signature?" in page
    from agents.models import Run
    from core import clock

    remediation = world.Remediation.objects.get(request_id=request.pk)
    Run.objects.create(remediation=remediation, change_digest=request.change_id, started_at=clock.now())
    assert "Withdraw your signature?" not in page_of(as_("ben"), request)


def test_a_change_under_another_policy_says_that_no_signature_helps(as_, house):
    made = world.incident()
    request = world.asked(world.remediation(made, "AWAITING_APPROVAL"), made)
    page = page_of(as_("ben"), request)
    assert "No signature helps as it is." in page
    assert 'id="approve"' not in page


def revised(request, **params):
    from approvals.services.revise import revise
    from core.actors import PLANNER
    from incidents.models import Incident

    draft = world.draft_of(Incident.objects.get(), revises=request.change_id)
    step = draft.steps[0]
    step["params"] = [{**one, "value": params.get(one["name"], one["value"])} for one in step["params"]]
    revise(request.pk, draft, "the branch was renamed", actor=PLANNER)
    return ApprovalRequest.objects.latest("pk")


def test_a_new_revision_says_what_changed_and_nothing_else_and_strikes_the_names(as_, house):
    first = asked()
    ApprovalRequest.objects.filter(pk=first.pk).update(needed=2)
    signed_by(house, first, "ben")
    second = revised(first, branch="release")
    page = page_of(as_("cleo"), second)
    banner = page.split('id="revised"')[1].split("</dl>")[0]
    assert "The plan changed. The signature is void" in banner
    assert "the branch was renamed" in banner
    assert '<span class="was">main</span>' in banner
    assert "<ins>release</ins>" in banner
    assert banner.count("<dt>") == 3
    assert f'data-words-of="{first.change_id}"' in banner
    assert "on revision 1: void" in page
    assert "0 of 1" in page


def test_the_older_revision_leads_to_the_newer(as_, house):
    first = asked()
    second = revised(first, branch="release")
    page = page_of(as_("cleo"), first)
    assert "The plan changed." in page
    assert f'href="/approvals/{second.pk}/">Read the new revision' in page
