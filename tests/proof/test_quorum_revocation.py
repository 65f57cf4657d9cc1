"""Keys in time (H10): a key must be valid at the decision's place and at the place of the judgement."""

import pytest

from proof.quorum import State
from tests.proof.acts import revoke_key
from tests.proof.cast import PASSKEY, SSH, at
from tests.proof.factory import act, change, decide, key_entry, person_entry, registry
from tests.proof.judging import judge

HIGH, TWO = change(), change(people=2)


def listed(**changes):
    """A registry in which Ben's key is revoked."""
    return registry(persons=[person_entry("ben", keys=[key_entry(SSH["ben"], **changes)]), person_entry("cleo")])


def test_approve_revoke_execute_is_refused():
    verdict = judge(HIGH, [decide("ben", HIGH), revoke_key("ben", SSH["ben"], signer=PASSKEY["ben"])])

    assert (verdict.state, "has been revoked" in verdict.reasons[0]) == (State.PENDING, True)


def test_execute_revoke_stays_as_it_was():
    sidecars = [decide("ben", HIGH), revoke_key("ben", SSH["ben"], signer=PASSKEY["ben"])]

    assert judge(HIGH, sidecars, size=1).state is State.GRANTED


def test_a_revocation_takes_effect_at_its_own_entry():
    revocation, decision = revoke_key("ben", SSH["ben"], signer=PASSKEY["ben"]), decide("ben", HIGH)

    verdict = judge(HIGH, [revocation, decision])

    assert (verdict.state, "had been revoked when" in verdict.reasons[0]) == (State.PENDING, True)
    denial = decide("ben", HIGH, "reject")
    assert judge(HIGH, [revocation, denial, decide("cleo", HIGH)]).state is State.GRANTED
    assert judge(HIGH, [denial, revocation, decide("cleo", HIGH)]).state is State.REJECTED


def test_any_key_of_ones_own_revokes_also_the_one_that_is_revoked():
    for signer in (SSH["ben"], PASSKEY["ben"]):
        assert judge(HIGH, [decide("ben", HIGH), revoke_key("ben", SSH["ben"], signer=signer)]).state is State.PENDING


def test_one_key_admin_revokes_and_nobody_else():
    people = registry(persons=[person_entry("ben"), person_entry("cleo"), person_entry("dan", roles=["key-admin"])])
    forged = revoke_key("ben", SSH["ben"], signer=SSH["cleo"])

    for by, state in (("dan", State.PENDING), ("cleo", State.GRANTED)):
        assert judge(HIGH, [decide("ben", HIGH), revoke_key("ben", SSH["ben"], by=by)], people=people).state is state
    assert judge(HIGH, [decide("ben", HIGH), forged], people=people).state is State.GRANTED


def test_a_key_that_is_revoked_revokes_no_other():
    people = registry(persons=[person_entry("ben"), person_entry("dan", roles=["key-admin"])])
    stolen = revoke_key("ben", SSH["ben"], by="dan")
    saved = revoke_key("dan", SSH["dan"], signer=PASSKEY["dan"])

    assert judge(HIGH, [decide("ben", HIGH), saved, stolen], people=people).state is State.GRANTED
    assert judge(HIGH, [decide("ben", HIGH), stolen, saved], people=people).state is State.PENDING


@pytest.mark.parametrize("changes", [
    {"installation": "0b" * 16}, {"registry_version": 2}, {"subject": "key:nothing"}, {"kind": "end-delegation"},
])  # fmt: skip
def test_an_act_for_elsewhere_or_about_something_else_revokes_nothing(changes):
    fields = {"kind": "revoke-key", "subject": f"key:{SSH['ben'].key_id}", **changes}
    odd = act("ben", fields.pop("kind"), fields.pop("subject"), particulars={"reason": "lost"}, **fields)

    assert judge(HIGH, [decide("ben", HIGH), odd]).state is State.GRANTED


def test_the_registry_knows_the_entry_of_a_revocation():
    for index, size, state in ((0, None, State.PENDING), (1, None, State.PENDING), (1, 1, State.GRANTED),
                               (5, 5, State.GRANTED), (5, 6, State.PENDING)):  # fmt: skip
        people = listed(revoked_index=index, revoked_at=at(9))
        assert judge(HIGH, [decide("ben", HIGH)], people=people, size=size).state is state, (index, size)


def test_wall_time_does_not_decide_where_the_entry_is_known():
    early, late = listed(revoked_index=5, revoked_at=at(1)), listed(revoked_index=0, revoked_at=at(59))

    assert judge(HIGH, [decide("ben", HIGH)], people=early, size=3).state is State.GRANTED
    assert judge(HIGH, [decide("ben", HIGH)], people=late).state is State.PENDING


def test_a_denial_after_the_revocation_of_its_key_is_none():
    people = listed(revoked_index=0, revoked_at=at(59))

    assert judge(HIGH, [decide("cleo", HIGH), decide("ben", HIGH, "reject")], people=people).state is State.GRANTED
    assert judge(HIGH, [decide("ben", HIGH, "reject"), decide("cleo", HIGH)], people=listed(revoked_index=1)).state is (
        State.REJECTED
    )


def test_decisions_since_a_key_was_somebody_elses_are_void():
    """Also where the key is not revoked in the registry that one has; a denial stays, since it is the safe side."""
    for since, state in ((0, State.PENDING), (1, State.GRANTED)):
        assert judge(HIGH, [decide("ben", HIGH)], people=listed(compromised_since=since)).state is state
    people = listed(compromised_since=0)
    assert judge(HIGH, [decide("ben", HIGH, "reject"), decide("cleo", HIGH)], people=people).state is State.REJECTED


def test_the_other_key_of_a_person_stays_good():
    sidecars = [decide("ben", HIGH), revoke_key("ben", SSH["ben"]), decide("ben", HIGH, signer=PASSKEY["ben"])]

    assert judge(HIGH, sidecars).state is State.GRANTED


def test_a_revocation_race_is_decided_by_the_order_of_the_log():
    revocation = revoke_key("ben", SSH["ben"])
    for place in range(3):
        sidecars = [decide("ben", TWO), decide("cleo", TWO)]
        sidecars.insert(place, revocation)
        states = [judge(TWO, sidecars, size=size).state for size in range(4)]
        granted = place == 2
        assert states[2] is (State.GRANTED if granted else State.PENDING)
        assert states[3] is State.PENDING


@pytest.mark.parametrize("since", ["9" * 5_000, "-1", "٣", "1.5", ""])
def test_a_place_that_is_no_number_makes_nothing_void(since):
    """Also a number so long that reading it would raise."""
    odd = act("ben", "revoke-key", f"key:{PASSKEY['ben'].key_id}", particulars={"compromised_since": since})

    assert judge(HIGH, [odd, decide("ben", HIGH)]).state is State.GRANTED
