"""Overrides (H16): services `issue_override`, `record_override`, `review_override`, and the attacks on them."""

import pytest

from approvals import overriding, selectors
from approvals.models import ApprovalRequest, Decision, Override, OverrideReview
from approvals.services.issue_override import issue_override
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from approvals.services.record_override import record_override
from approvals.settling import judge
from audit import ledger
from audit.models import Entry
from core.actors import PLANNER
from core.errors import BadInputError, ConsoleError, NotFoundError, NotPermittedError, RefusedError
from proof.quorum import State
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide, handed_out, state_of
from tests.approvals.overriders import Overrider
from tests.approvals.plans import rollback, step

pytestmark = pytest.mark.django_db


def critical(intent: str = "drop it") -> ApprovalRequest:
    return propose(rollback(intent=intent, steps=[step("drop-table", "lab/payments")]), actor=PLANNER)


@pytest.fixture
def oda(cast) -> Overrider:
    return Overrider(cast.oda)


@pytest.fixture
def review():
    def say(member, override, verdict="upheld", note=""):
        return member.act(
            "review-override", f"override:{override.pk}", override=override.pk, verdict=verdict, note=note
        )

    return say


def test_one_person_takes_a_critical_change_on_themselves_and_everybody_hears_of_it(cast, oda):
    request = critical()

    override = oda.override(request, "The shop is down and nobody answers.")

    assert (state_of(request), judge(request).override) == ("GRANTED", True)
    (entry,) = Entry.objects.filter(verb="override.used")
    assert set(entry.mentions.values_list("subject", flat=True)) >= {"incident:42", f"change:{request.change_id}"}
    (told,) = selectors.open_overrides()
    assert (told.name, told.reason, told.state, told.needed) == (
        "Oda", "The shop is down and nobody answers.", "open", 2,
    )  # fmt: skip
    assert (override.review_by - override.used_at).total_seconds() == 86_400
    assert selectors.override_of(request).statement_sha256 == override.pk
    assert selectors.decisions(request)[-1].is_override


def test_a_reason_is_required_and_signed(cast, oda):
    request = critical()

    with pytest.raises(BadInputError, match="cannot wait"):
        issue_override(request.pk, oda.key_id, "  ", actor=cast.oda.actor)
    sidecar = oda.device.sign(oda.statement(request, "It burns."), oda.key_id)
    with pytest.raises(RefusedError, match="not the one that was signed"):
        record_override(request.pk, sidecar, "All is well.", actor=cast.oda.actor)
    assert state_of(request) == "PENDING"


def test_nobody_without_the_role_in_the_signed_registry_overrides(cast):
    from people.models import RoleGrant

    request = critical()
    RoleGrant.objects.create(person=cast.ben.person, role="override")

    with pytest.raises(RefusedError, match="role override"):
        issue_override(request.pk, cast.ben.key.key_id, "It burns.", actor=cast.ben.actor)
    with pytest.raises(NotPermittedError):
        issue_override(request.pk, cast.ben.key.key_id, "It burns.", actor=cast.mallory.actor)
    with pytest.raises(NotPermittedError):
        issue_override(request.pk, cast.ben.key.key_id, "It burns.", actor=PLANNER)


def test_a_key_that_does_not_check_its_user_is_not_enough(cast, oda):
    with pytest.raises(RefusedError, match="checks its user"):
        issue_override(critical().pk, cast.oda.key.key_id, "It burns.", actor=cast.oda.actor)


def test_an_override_is_no_decision_and_a_decision_no_override(cast, oda):
    request = critical()
    sidecar = oda.device.sign(oda.statement(request), oda.key_id)

    with pytest.raises(RefusedError, match="something else"):
        record_decision(request.pk, sidecar, "", actor=cast.oda.actor)
    plain = cast.oda.sign(bytes(handed_out(request, cast.oda, "abstain").statement))
    with pytest.raises(RefusedError, match="something else"):
        record_override(request.pk, plain, "", actor=cast.oda.actor)


def test_the_same_override_sent_twice_is_one(cast, oda):
    request = critical()
    sidecar = oda.device.sign(oda.statement(request), oda.key_id)

    first = record_override(request.pk, sidecar, "It burns.", actor=cast.oda.actor)
    second = record_override(request.pk, sidecar, "It burns.", actor=cast.oda.actor)

    assert first == second
    assert Entry.objects.filter(verb="override.used").count() == 1


def test_it_never_stands_against_a_no_nor_for_those_who_shaped_the_plan(cast, oda):
    rejected = critical()
    shaped = propose(rollback(intent="mine", interested_persons=[cast.oda.person.pk]), actor=PLANNER)

    with pytest.raises(RefusedError, match="proposed or shaped"):
        oda.statement(shaped)
    statement = oda.statement(rejected)
    decide(rejected, cast.ben, "reject", "No.")
    with pytest.raises(RefusedError):
        record_override(rejected.pk, oda.device.sign(statement, oda.key_id), "It burns.", actor=cast.oda.actor)
    assert state_of(rejected) == "REJECTED"


def test_protected_targets_cannot_be_overridden(cast, oda):
    with pytest.raises(RefusedError, match="protected"):
        propose(rollback(steps=[step("restart-service", "lab/supervisor", process="x")]), actor=PLANNER)


def test_two_are_not_chained(cast, oda):
    second = critical("drop more")
    prepared = oda.device.sign(oda.statement(second), oda.key_id)
    oda.override(critical())

    with pytest.raises(RefusedError, match="one at a time"):
        oda.statement(second)
    with pytest.raises(RefusedError, match="one at a time"):
        record_override(second.pk, prepared, "It burns.", actor=cast.oda.actor)
    assert state_of(second) == "PENDING"


def test_deleting_the_rows_of_an_override_does_not_give_the_right_back(cast, oda):
    request = critical()
    oda.override(request)
    Override.objects.all().delete()
    Decision.objects.filter(is_override=True).delete()

    with pytest.raises(RefusedError, match="one at a time"):
        oda.statement(critical("drop more"))
    assert [one.state for one in selectors.open_overrides()] == ["open"]


def test_setting_the_clock_back_does_not_give_the_right_back(cast, oda, monkeypatch):
    oda.override(critical())
    shift(monkeypatch, hours=-5)

    assert overriding.open_digests()
    shift(monkeypatch, days=2)
    assert overriding.open_digests()
    assert selectors.open_overrides()[0].state == "overdue"


def test_two_others_review_it_and_then_it_is_closed(cast, oda, review):
    override = oda.override(critical())

    assert review(cast.ben, override, note="Right.").result == {"closed": False, "needed": 2}
    assert review(cast.cleo, override).result["closed"]

    assert selectors.open_overrides() == []
    (told,) = selectors.overrides()
    assert (told.state, {one.name for one in told.reviewers}) == ("upheld", {"Ben", "Cleo"})
    assert Entry.objects.filter(verb="override.reviewed").count() == 2
    assert oda.statement(critical("drop more"))


def test_an_objection_is_shown_and_closes_it_too(cast, oda, review):
    override = oda.override(critical())
    review(cast.ben, override, "objected", "It could have waited.")
    review(cast.cleo, override)

    assert selectors.overrides()[0].state == "objected"
    assert OverrideReview.objects.get(person_id=cast.ben.person.pk).note == "It could have waited."


@pytest.mark.parametrize(("who", "error"), [("oda", RefusedError), ("dan", NotPermittedError)])
def test_nobody_reviews_their_own_nor_without_a_right_to_sign(cast, oda, review, who, error):
    override = oda.override(critical())

    with pytest.raises(error):
        review(getattr(cast, who), override)


def test_nobody_reviews_twice_or_what_never_was(cast, oda, review):
    override = oda.override(critical())
    review(cast.ben, override)

    with pytest.raises(RefusedError, match="already"):
        review(cast.ben, override)
    with pytest.raises(BadInputError):
        cast.cleo.act("review-override", f"override:{override.pk}", override="ab" * 32, verdict="upheld")
    with pytest.raises(NotFoundError):
        cast.cleo.act("review-override", f"override:{'ab' * 32}", override="ab" * 32, verdict="upheld")


def test_a_review_row_without_an_act_closes_nothing(cast, oda):
    override = oda.override(critical())
    for member in (cast.ben, cast.cleo):
        OverrideReview.objects.create(
            override=override, person_id=member.person.pk, verdict="upheld", act_sha256="0" * 64,
            reviewed_at=override.used_at,
        )  # fmt: skip

    assert overriding.open_digests() == {override.pk}


def test_where_nobody_else_could_review_it_says_so_and_stays_open(cast, oda):
    from approvals.services.revoke_key import revoke_key
    from core.actors import SYSTEM

    oda.override(critical())
    for member in (cast.ben, cast.cleo, cast.eve):
        revoke_key(member.key.key_id, actor=SYSTEM, why="left")

    (told,) = selectors.open_overrides()
    assert told.needed == 0
    assert told.sentence.startswith("Nobody can review this; it stays open in red")


def test_it_ends_when_it_was_not_used_in_time(cast, oda, monkeypatch):
    request = critical()
    oda.override(request)
    shift(monkeypatch, hours=1, seconds=5)

    assert judge(request).state is State.PENDING


def test_a_policy_that_allows_none_allows_none(cast, oda, monkeypatch):
    from dataclasses import replace

    from approvals import bundles

    active = bundles.in_force()
    rules = replace(active.policy, override=replace(active.policy.override, allowed=False))
    monkeypatch.setattr(bundles, "in_force", lambda: replace(active, policy=rules))

    with pytest.raises(RefusedError, match="allows no overrides"):
        oda.statement(critical())


def test_the_lines_of_an_incident_tell_it(cast, oda):
    oda.override(critical(), "It burns.")

    lines = {line.verb: line for line in ledger.timeline("incident:42", limit=20)}
    assert lines["override.used"].facts["reason"] == "It burns."
    assert issubclass(RefusedError, ConsoleError)
