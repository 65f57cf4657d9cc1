"""Lending one's right to sign (H25)."""

import pytest

from proof import canonical, documents
from proof.quorum import State, who_may_not
from tests.proof.acts import delegate, revoke_key
from tests.proof.cast import NOW, PASSKEY, SSH, at
from tests.proof.factory import act, change, decide, person_entry, policy_document, recorded, registry, step
from tests.proof.judging import judge, places, ruled

HIGH, TWO = change(), change(people=2)
RULES, OWNED = ruled([places(("owners", 1))])
OWNER = registry(
    persons=[person_entry("ben", groups=["owners/lab/payments"]), person_entry("cleo"), person_entry("dan"),
             person_entry("mallory", roles=[])]
)  # fmt: skip
LENT = delegate("ben", "cleo")


def lent_by(sidecar, name="cleo", plan=OWNED, **changes):
    return decide(name, plan, delegation=canonical.sha256(sidecar), **changes)


def owned(*sidecars, **options):
    return judge(OWNED, sidecars, policy=RULES, people=OWNER, **options)


def test_the_delegate_stands_for_the_groups_of_whoever_lent_it():
    assert owned(decide("cleo", OWNED)).state is State.PENDING
    assert owned(LENT, decide("cleo", OWNED)).state is State.PENDING
    assert owned(LENT, lent_by(LENT)).state is State.GRANTED


def test_delegator_and_delegate_are_one_vote():
    both = [decide("ben", TWO), decide("cleo", TWO)]

    assert judge(TWO, both).state is State.GRANTED
    assert judge(TWO, [LENT, *both]).state is State.PENDING
    assert judge(TWO, [LENT, decide("ben", TWO), lent_by(LENT, plan=TWO)]).state is State.PENDING
    assert judge(TWO, [LENT, *both, decide("dan", TWO)]).state is State.GRANTED


def test_two_delegates_of_one_person_are_one_vote_where_both_sign_for_them():
    to_dan = delegate("ben", "dan", nonce="ab" * 16)
    signed = [lent_by(LENT, plan=TWO), lent_by(to_dan, "dan", plan=TWO)]

    assert judge(TWO, [LENT, to_dan, *signed]).have == 1
    own = [decide("cleo", TWO), decide("dan", TWO)]
    assert judge(TWO, [LENT, to_dan, *own]).state is State.GRANTED


def test_nothing_is_lent_on():
    """Ben owns the service and lends to Cleo, Cleo lends to Dan: Dan stands for Cleo, who owns nothing."""
    onward = delegate("cleo", "dan")

    assert owned(LENT, onward, lent_by(onward, "dan")).state is State.PENDING
    assert owned(LENT, onward, lent_by(LENT, "dan")).state is State.PENDING


def test_it_ends_with_the_revocation_of_the_delegators_key_mid_request():
    sidecars = [LENT, lent_by(LENT), revoke_key("ben", SSH["ben"], signer=PASSKEY["ben"])]

    assert [owned(*sidecars, size=size).state for size in (2, 3)] == [State.GRANTED, State.PENDING]


def test_it_ends_with_the_revocation_of_the_delegates_key_mid_request():
    sidecars = [LENT, lent_by(LENT), revoke_key("cleo", SSH["cleo"], signer=PASSKEY["cleo"])]

    assert [owned(*sidecars, size=size).state for size in (2, 3)] == [State.GRANTED, State.PENDING]


@pytest.mark.parametrize(("who", "ends"), [("ben", True), ("cleo", True), ("dan", False)])
def test_either_ends_it_and_nobody_else(who, ends):
    end = act(who, documents.END_DELEGATION, "delegation:d1")

    assert owned(LENT, lent_by(LENT), end).state is (State.PENDING if ends else State.GRANTED)
    assert owned(end, LENT, lent_by(LENT)).state is State.GRANTED


def test_an_ended_delegation_binds_nobody():
    end = act("ben", documents.END_DELEGATION, "delegation:d1")

    assert judge(TWO, [LENT, end, decide("ben", TWO), decide("cleo", TWO)]).state is State.GRANTED


@pytest.mark.parametrize("scope", [
    {"actions": "service.restart"}, {"actions": ""}, {"targets": "lab/checkout"}, {"targets": "production/*"},
    {"days": (at(0), "2026-03-15T12:00:00.000001Z")}, {"days": (at(0), at(9))}, {"days": (at(11), at(20))},
    {"days": ("yesterday", at(20))},
])  # fmt: skip
def test_outside_its_scope_or_time_it_lends_nothing(scope):
    lent = delegate("ben", "cleo", **scope)

    assert owned(lent, lent_by(lent)).state is State.PENDING


def test_every_step_must_be_in_scope():
    wide = change(policy=RULES, steps=[step(), step("cache.flush", index=1)])
    rules = policy_document(limits=documents.parse_policy(RULES) and canonical.loads(RULES)["limits"])

    verdict = judge(wide, [LENT, lent_by(LENT, plan=wide)], policy=rules, people=OWNER)

    assert verdict.state is not State.GRANTED


def test_nothing_critical_is_decided_for_another():
    rules, plan = ruled(tier="CRITICAL", people=3)
    own = [decide(name, plan, signer=PASSKEY[name]) for name in ("ben", "dan")]

    assert judge(plan, [LENT, *own, lent_by(LENT, plan=plan)], policy=rules).state is State.PENDING


def test_the_pair_is_one_person_in_a_critical_quorum_too_and_shares_its_interests():
    rules, plan = ruled(tier="CRITICAL", people=3)
    three = [
        decide("ben", plan, signer=PASSKEY["ben"]),
        decide("dan", plan, signer=PASSKEY["dan"]),
        decide("cleo", plan),
    ]

    assert judge(plan, three, policy=rules).state is State.GRANTED
    assert judge(plan, [LENT, *three], policy=rules).state is State.PENDING
    plan = change(policy=rules, tier="CRITICAL", people=3, interested_persons=["ben"])
    assert judge(plan, [decide("cleo", plan)], policy=rules).have == 1
    refused = judge(plan, [LENT, decide("cleo", plan)], policy=rules)
    assert (refused.have, "signs for somebody" in refused.reasons[0]) == (0, True)


def test_the_interests_of_both_count():
    by_ben, by_cleo = (
        change(policy=RULES, interested_persons=["ben"]),
        change(policy=RULES, interested_persons=["cleo"]),
    )
    for plan in (by_ben, by_cleo):
        verdict = judge(plan, [LENT, lent_by(LENT, plan=plan)], policy=RULES, people=OWNER)
        assert (verdict.state, "proposed or shaped" in verdict.reasons[0]) == (State.PENDING, True)
    mine = change(interested_persons=["ben"])
    assert judge(mine, [LENT, decide("cleo", mine)]).state is State.PENDING
    assert judge(mine, [decide("cleo", mine)]).state is State.GRANTED
    assert "sign for somebody" in who_may_not(mine, registry(), policy_document(), recorded([LENT]), now=NOW)["cleo"]


def test_a_delegate_needs_a_right_to_sign_of_their_own():
    to_mallory, to_nobody = delegate("ben", "mallory"), delegate("ben", "nobody")

    for lent, name in ((to_mallory, "mallory"), (to_nobody, "cleo")):
        assert owned(lent, lent_by(lent, name)).state is State.PENDING


def test_one_lends_only_ones_own_right():
    forged = delegate("ben", "cleo", signer=SSH["cleo"])
    mallorys = delegate("mallory", "cleo")

    for lent in (forged, mallorys):
        assert owned(lent, lent_by(lent)).state is State.PENDING


def test_a_delegation_that_the_ledger_does_not_hold_lends_nothing():
    assert owned(lent_by(LENT)).state is State.PENDING


def test_the_delegator_takes_back_what_was_approved_for_them():
    assert owned(LENT, lent_by(LENT), decide("ben", OWNED, "revoke")).state is State.PENDING
    assert owned(LENT, lent_by(LENT), decide("ben", OWNED, "reject")).state is State.REJECTED
