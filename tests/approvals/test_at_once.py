"""Two at once: approvers, the same approver, enrolments, proposals. On both databases, with real locks."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections

from approvals import possession, registry, statements
from approvals.models import ApprovalRequest, Decision, RegistryVersion, SignedAct
from approvals.services.change_registry import set_groups
from approvals.services.enrol_key import enrol_key
from approvals.services.ensure_registry import ensure_registry
from approvals.services.issue_act_template import issue_act_template
from approvals.services.propose import propose
from approvals.services.record_act import record_act
from approvals.services.record_decision import record_decision
from audit.models import Entry
from core.actors import PLANNER, SYSTEM
from core.errors import ConsoleError
from proof.documents import ACT_PAYLOAD
from tests.approvals.cast import public_line
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.keyholders import hand_over
from tests.approvals.plans import restart, rollback

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all of them at the same moment, each on its own connection; what each returned or was refused with."""
    start, outcomes = Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[place] = deed()
        except ConsoleError as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_approvers_at_once_grant_it_once(cast):
    request = propose(rollback(), actor=PLANNER)

    at_once(lambda: decide(request, cast.ben), lambda: decide(request, cast.cleo))

    assert state_of(request) == "GRANTED"
    assert Entry.objects.filter(verb="request.granted").count() == 1


def test_a_yes_and_a_no_at_once_end_in_no(cast):
    request = propose(rollback(), actor=PLANNER)
    yes, no = handed_out(request, cast.ben), handed_out(request, cast.cleo, "reject")
    signed = statements.filled_in(
        bytes(no.statement),
        viewed_ms=1,
        sections_seen=[],
        comment_commitment=statements.commitment(bytes(no.comment_salt), "No."),
    )

    at_once(
        lambda: record_decision(request.pk, cast.ben.sign(bytes(yes.statement)), "", actor=cast.ben.actor),
        lambda: record_decision(request.pk, cast.cleo.sign(signed), "No.", actor=cast.cleo.actor),
    )

    assert state_of(request) == "REJECTED"


def test_the_same_approver_twice_at_once_is_one_decision(cast):
    request = propose(rollback(), actor=PLANNER)
    sidecar = cast.ben.sign(bytes(handed_out(request, cast.ben).statement))

    outcomes = at_once(*[lambda: record_decision(request.pk, sidecar, "", actor=cast.ben.actor)] * 3)

    assert Decision.objects.count() == 1
    assert len({decision.pk for decision in outcomes}) == 1
    assert Entry.objects.filter(verb="decision.recorded").count() == 1


def test_two_enrolments_at_once_are_two_consecutive_versions(cast):
    before = registry.current().version

    def enrol(member):
        new = possession.from_file(public_line(Ed25519PrivateKey.generate()), label="second")
        return enrol_key(member.person, new, actor=SYSTEM, how="ssh-file-on-host")

    keys = at_once(*[lambda member=member: enrol(member) for member in (cast.ben, cast.cleo, cast.eve)])

    found = registry.current()
    assert found.version == before + 3
    assert all(found.key(key.key_id) is not None for key in keys)
    assert list(RegistryVersion.objects.order_by("version").values_list("version", flat=True)) == list(
        range(1, found.version + 1)
    )


def test_the_same_key_for_two_people_at_once_goes_to_one(cast):
    new = possession.from_file(public_line(Ed25519PrivateKey.generate()), label="shared")

    outcomes = at_once(
        lambda: enrol_key(cast.ben.person, new, actor=SYSTEM, how="ssh-file-on-host"),
        lambda: enrol_key(cast.mallory.person, new, actor=SYSTEM, how="ssh-file-on-host"),
    )

    assert sum(isinstance(outcome, ConsoleError) for outcome in outcomes) == 1
    assert registry.current().key(new.key_id) is not None


def test_two_first_starts_at_once_make_one_registry(db):
    at_once(lambda: ensure_registry(actor=SYSTEM), lambda: ensure_registry(actor=SYSTEM))

    assert RegistryVersion.objects.count() == 1
    assert registry.current().version == 1


def test_the_hourly_allowance_holds_also_at_once(cast):
    at_once(*[lambda: propose(restart(), actor=PLANNER)] * 8)

    assert ApprovalRequest.objects.filter(state="GRANTED").count() == 6
    assert ApprovalRequest.objects.filter(state="PENDING").count() == 2


def test_two_who_cosign_at_once_publish_it_once(cast):
    hand_over(cast.oda, cast.dan)
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    before = RegistryVersion.objects.count()

    at_once(lambda: cast.oda.cosign(draft), lambda: cast.dan.cosign(draft))

    assert RegistryVersion.objects.count() == before + 1
    assert registry.current().person(cast.ben.person.pk).groups == {"sre"}


def test_the_same_act_handed_in_twice_at_once_is_done_once(cast):
    template = issue_act_template(
        "revoke-key",
        f"key:{cast.ben.key.key_id}",
        {"reason": "lost", "compromised_since": ""},
        cast.ben.key.key_id,
        session="here",
        actor=cast.ben.actor,
    )
    signed = cast.ben.sign(bytes(template.statement), ACT_PAYLOAD)

    at_once(*[lambda: record_act(signed, session="here", actor=cast.ben.actor)] * 3)

    assert SignedAct.objects.count() == Entry.objects.filter(verb="key.revoked").count() == 1
