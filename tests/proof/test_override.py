"""Overrides (H16)."""

from datetime import timedelta

import pytest

from proof import canonical, documents
from proof.overrides import review_of
from proof.quorum import State
from proof.signatures import read_sidecar
from tests.proof.acts import revoke_key
from tests.proof.cast import NOW, PASSKEY, SSH, at
from tests.proof.factory import (
    act,
    change,
    decide,
    key_entry,
    person_entry,
    policy_document,
    recorded,
    registry,
    restart,
    step,
)
from tests.proof.judging import judge, overridden

RULES = policy_document(override={"allowed": True, "expires_s": 300, "review_s": 86400}, cool_down_s=0)
TWO = change(policy=RULES, people=2)
PEOPLE = registry(
    persons=[person_entry("ben", roles=["override"]), person_entry("cleo"), person_entry("dan"), person_entry("eve")]
)
DIGEST = canonical.sha256(read_sidecar(overridden("ben", TWO)).payload)


def judged(*sidecars, plan=TWO, policy=RULES, people=PEOPLE, **options):
    return judge(plan, sidecars, policy=policy, people=people, **options)


def test_one_person_takes_it_on_themselves():
    verdict = judged(overridden("ben", TWO))

    assert (verdict.state, verdict.override, verdict.counted) == (
        State.GRANTED, True, (("ben", PASSKEY["ben"].key_id, "override"),),
    )  # fmt: skip


def test_people_who_are_enough_need_no_override():
    verdict = judged(overridden("ben", TWO), decide("cleo", TWO), decide("dan", TWO))

    assert (verdict.state, verdict.override) == (State.GRANTED, False)


def test_it_binds_one_change():
    assert judged(overridden("ben", change(policy=RULES))).state is State.PENDING


def test_it_is_no_vote():
    off = policy_document()
    plan = change()

    verdict = judge(plan, [overridden("ben", plan), overridden("cleo", plan)], policy=off)
    assert (verdict.state, verdict.have) == (State.PENDING, 0)


@pytest.mark.parametrize(
    ("why", "sidecar", "people"),
    [
        ("give them the role", overridden("cleo", TWO), None),
        ("checked its user", overridden("ben", TWO, signer=SSH["ben"]), None),
        ("another incident", overridden("ben", TWO, incident="incident:43"), None),
        ("not used in time", overridden("ben", TWO, issued_at=at(4), expires_at=at(9)), None),
        ("proposed or shaped", overridden("ben", change(policy=RULES, people=2, interested_persons=["ben"])), None),
        ("somebody else's", overridden("ben", TWO, signer=PASSKEY["dan"]), None),
        ("confirmed", overridden("ben", TWO), [person_entry("ben", roles=["override"], expires_at=at(9))]),
        ("revoked", overridden("ben", TWO), [person_entry("ben", roles=["override"],
                                                          keys=[key_entry(PASSKEY["ben"], revoked_index=0)])]),
    ],
)  # fmt: skip
def test_what_makes_it_worth_nothing(why, sidecar, people):
    plan = change(policy=RULES, people=2, interested_persons=["ben"]) if "shaped" in why else TWO
    verdict = judged(sidecar, plan=plan, people=registry(persons=people) if people else PEOPLE)

    assert verdict.state is State.PENDING
    assert any(why in reason for reason in verdict.reasons), verdict.reasons


def test_a_key_in_its_cool_down_overrides_nothing_whatever_the_tier():
    rules = policy_document(override={"allowed": True, "expires_s": 600, "review_s": 86400}, cool_down_s=3600)
    plan = restart(policy=rules)

    verdict = judged(overridden("ben", plan), plan=plan, policy=rules)

    assert (verdict.state, any("too new" in reason for reason in verdict.reasons)) == (State.PENDING, True)


def test_it_beats_no_protected_target_no_claim_below_the_floor_and_no_rejection():
    vault = change(policy=RULES, steps=[step(target="lab/vault")])
    modest = change(policy=RULES, tier="LOW", people=0)

    for plan in (vault, modest):
        assert judged(overridden("ben", plan), plan=plan).state is State.INVALID
    for order in (1, -1):
        sidecars = [overridden("ben", TWO), decide("cleo", TWO, "reject")][::order]
        assert judged(*sidecars).state is State.REJECTED


def test_there_is_one_open_at_a_time():
    assert judged(overridden("ben", TWO), open_overrides=["00" * 32]).state is State.PENDING
    assert judged(overridden("ben", TWO), open_overrides=[DIGEST]).state is State.GRANTED


def test_a_clock_set_back_does_not_renew_it():
    made = overridden("ben", TWO)

    assert judged(made, now=NOW + timedelta(minutes=9)).state is State.PENDING
    assert judged(made, now=NOW - timedelta(minutes=9)).state is State.PENDING


def test_an_ssh_override_signed_as_a_decision_is_none():
    from proof import sshsig
    from proof.envelope import PAYLOAD_TYPE, pae
    from proof.signatures import ssh_sidecar

    statement = read_sidecar(overridden("ben", TWO, signer=SSH["ben"])).payload
    armored = sshsig.sign(SSH["ben"].private, documents.DECISION_NAMESPACE, pae(PAYLOAD_TYPE, statement))
    verdict = judged(ssh_sidecar(statement, armored, SSH["ben"].key_id))

    assert (verdict.state, "another purpose" in verdict.reasons[0]) == (State.PENDING, True)


class TestReview:
    def review(self, name, verdict="upheld", **changes):
        particulars = {"override": DIGEST, "verdict": verdict}
        return act(name, documents.REVIEW_OVERRIDE, f"override:{DIGEST}", particulars=particulars, **changes)

    def found(self, *acts, people=PEOPLE, **options):
        return review_of(DIGEST, recorded([overridden("ben", TWO), *acts]), people, now=NOW, **options)

    def test_two_others_close_it_whatever_they_say(self):
        assert (self.found().signer, self.found().needed, self.found().closed) == ("ben", 2, False)
        assert not self.found(self.review("cleo")).closed
        both = self.found(self.review("cleo"), self.review("dan", "objected"))
        assert (both.closed, both.upheld, both.objected) == (True, {"cleo"}, {"dan"})
        assert not self.found(self.review("cleo"), self.review("dan"), size=2).closed

    def test_nobody_reviews_their_own_twice_or_without_the_role(self):
        twice = self.found(self.review("cleo"), self.review("cleo", nonce="aa" * 16))
        assert not twice.closed
        own = registry(persons=[person_entry("ben", roles=["override", "approver"]), person_entry("cleo")])
        assert not self.found(self.review("ben"), people=own).closed
        assert not self.found(self.review("mallory"), self.review("cleo")).closed
        assert not self.found(self.review("dan", signer=SSH["eve"]), self.review("cleo")).closed

    def test_a_revoked_key_reviews_nothing(self):
        gone = revoke_key("dan", SSH["dan"], signer=PASSKEY["dan"])

        assert not self.found(gone, self.review("dan"), self.review("cleo")).closed
        assert self.found(self.review("dan"), gone, self.review("cleo")).closed

    def test_where_there_is_one_other_one_is_enough_and_where_nobody_is_it_stays_open(self):
        pair = registry(persons=[person_entry("ben", roles=["override"]), person_entry("cleo")])
        alone = registry(persons=[person_entry("ben", roles=["override", "approver"])])

        assert self.found(self.review("cleo"), people=pair).closed
        assert (self.found(people=alone).needed, self.found(people=alone).closed) == (0, False)
