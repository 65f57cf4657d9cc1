from datetime import timedelta

import pytest

from proof import canonical
from proof.quorum import State, evaluate
from tests.proof.acts import authored
from tests.proof.cast import NOW, PASSKEY, SSH, at
from tests.proof.factory import (
    automatic,
    change,
    decide,
    key_entry,
    limit,
    person_entry,
    policy_document,
    recorded,
    registry,
    step,
)

HIGH = change()
CRITICAL = change(tier="CRITICAL", people=3, steps=[step("database.drop")])


def judge(change_bytes, sidecars, *, now=NOW, policy=None, people=None, audience="executor:lab"):
    return evaluate(
        change_bytes, recorded(sidecars), people or registry(), policy or policy_document(), now=now, audience=audience
    )


def test_nothing_is_granted_by_itself():
    verdict = judge(HIGH, [])

    assert (verdict.state, verdict.needed, verdict.have, verdict.tier) == (State.PENDING, 1, 0, "HIGH")


@pytest.mark.parametrize("signer", [SSH["ben"], PASSKEY["ben"]])
def test_one_approver_grants_what_needs_one(signer):
    verdict = judge(HIGH, [decide("ben", HIGH, signer=signer)])

    assert verdict.state is State.GRANTED
    assert verdict.counted == (("ben", signer.key_id, "approve"),)


def test_a_tampered_change_is_another_change():
    tampered = HIGH.replace(b"1f3a", b"1f3b")

    verdict = judge(tampered, [decide("ben", HIGH)])

    assert verdict.state is State.PENDING
    assert "about another change" in verdict.reasons[0]


def test_a_claimed_tier_below_the_floor_is_invalid_whoever_signed():
    modest = change(tier="LOW", people=0)

    verdict = judge(modest, [automatic(modest), decide("ben", modest), decide("cleo", modest)])

    assert verdict.state is State.INVALID
    assert "claims to be LOW" in verdict.reasons[0]


def test_a_claimed_number_of_people_below_the_floor_is_invalid():
    assert judge(change(people=0), []).state is State.INVALID


def test_a_claim_above_the_floor_raises_what_is_needed():
    high = change(tier="HIGH", people=2)
    two = [decide("ben", high), decide("cleo", high)]

    assert judge(high, two[:1]).state is State.PENDING
    assert judge(high, two).state is State.GRANTED
    critical = change(tier="CRITICAL", people=1)
    assert judge(critical, []).needed == 3


def test_an_action_that_no_limit_names_is_critical():
    assert judge(change(steps=[step("kernel.patch")]), []).state is State.INVALID
    unlisted = change(tier="CRITICAL", people=3, steps=[step("kernel.patch")])
    assert judge(unlisted, []).needed == 3


def test_a_protected_target_is_out_of_bounds():
    verdict = judge(change(steps=[step(target="lab/vault")]), [])

    assert (verdict.state, "protected" in verdict.reasons[0]) == (State.INVALID, True)


def test_another_audience_is_invalid():
    assert judge(HIGH, [decide("ben", HIGH)], audience="executor:production").state is State.INVALID
    verdict = judge(HIGH, [decide("ben", HIGH, audience="executor:production")])
    assert (verdict.state, "another audience" in verdict.reasons[0]) == (State.PENDING, True)


def test_another_policy_is_invalid():
    loose = policy_document(limits=[limit("config.rollback", "LOW", 0, auto=True)])

    assert judge(HIGH, [decide("ben", HIGH)], policy=loose).state is State.INVALID
    verdict = judge(HIGH, [decide("ben", HIGH, policy_sha256="00" * 32)])
    assert "another policy" in verdict.reasons[0]
    elsewhere = policy_document(environment="production")
    assert judge(change(policy=elsewhere), [], policy=elsewhere).state is State.INVALID


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tier_seen": "LOW"}, "something else"),
        ({"render_sha256": "00" * 32}, "something else"),
        ({"registry_version": 2}, "newer registry"),
        ({"issued_at": at(31)}, "outside the time"),
        ({"issued_at": at(1)}, "outside the time"),
        ({"issued_at": at(20), "expires_at": at(25)}, "dated wrongly"),
        ({"issued_at": at(8), "expires_at": at(7)}, "dated wrongly"),
        ({"key_id": SSH["cleo"].key_id}, "names another key"),
        ({"person_id": "cleo"}, "somebody else's key"),
        ({"person_id": "nobody"}, "somebody else's key"),
    ],
)
def test_an_approval_that_says_something_wrong_does_not_count(changes, why):
    verdict = judge(HIGH, [decide("ben", HIGH, **changes)])

    assert verdict.state is State.PENDING
    assert why in verdict.reasons[0]


def test_only_approvers_decide():
    for name in ("ada", "mallory"):
        assert judge(HIGH, [decide(name, HIGH)]).state is State.PENDING
        assert judge(HIGH, [decide(name, HIGH, "reject")]).state is State.PENDING


def test_interested_persons_may_say_no_but_not_yes():
    for interest in ({"interested_persons": ["ben"]}, {"proposer": {"kind": "person", "id": "ben"}}):
        mine = change(**interest)
        signed = authored("ben", mine)

        assert judge(mine, [signed, decide("ben", mine)]).state is State.PENDING
        assert judge(mine, [signed, decide("ben", mine), decide("cleo", mine)]).state is State.GRANTED
        assert judge(mine, [signed, decide("ben", mine, "reject"), decide("cleo", mine)]).state is State.REJECTED


def test_one_rejection_is_final():
    for votes in (["approve", "reject"], ["reject", "approve"], ["reject", "revoke"], ["reject", "revoke", "approve"]):
        sidecars = [decide("ben", HIGH, vote) for vote in votes] + [decide("cleo", HIGH)]

        assert judge(HIGH, sidecars).state is State.REJECTED
        assert judge(HIGH, sidecars, now=NOW + timedelta(days=1)).state is State.REJECTED


def test_a_person_has_one_vote_however_many_keys():
    two = change(people=2)
    both = [decide("ben", two), decide("ben", two, signer=PASSKEY["ben"])]

    verdict = judge(two, both)

    assert (verdict.state, verdict.have) == (State.PENDING, 1)
    assert judge(two, [*both, decide("cleo", two)]).state is State.GRANTED


def test_a_statement_counts_once_in_whatever_envelope():
    two = change(people=2)
    data = [decide("ben", two, signer=PASSKEY["ben"]), decide("ben", two, signer=PASSKEY["ben"])]

    assert data[0] != data[1]  # ECDSA signs the same bytes differently each time
    assert judge(two, data).have == 1


def test_a_later_revoke_or_abstention_withdraws_and_a_new_approval_gives_again():
    for second in ("revoke", "abstain"):
        votes = [decide("ben", HIGH), decide("ben", HIGH, second)]
        assert judge(HIGH, votes).state is State.PENDING
        again = decide("ben", HIGH, issued_at=at(9))
        assert judge(HIGH, [*votes, again]).state is State.GRANTED


def test_an_approval_by_a_key_revoked_since_does_not_count_but_its_rejection_does():
    people = registry(persons=[person_entry("ben", keys=[key_entry(SSH["ben"], revoked_at=at(9))])])

    assert judge(HIGH, [decide("ben", HIGH)], people=people).state is State.PENDING
    assert judge(HIGH, [decide("ben", HIGH, "reject")], people=people).state is State.REJECTED
    late = decide("ben", HIGH, "reject", issued_at=at(9, 30))
    assert judge(HIGH, [late], people=people).state is State.PENDING


def test_a_key_counts_until_its_revocation_and_not_before_its_enrolment():
    later = registry(persons=[person_entry("ben", keys=[key_entry(SSH["ben"], revoked_at=at(20))])])
    unborn = registry(persons=[person_entry("ben", keys=[key_entry(SSH["ben"], enrolled_at=at(20))])])

    assert judge(HIGH, [decide("ben", HIGH)], people=later).state is State.GRANTED
    assert judge(HIGH, [decide("ben", HIGH)], people=unborn).state is State.PENDING


def test_a_key_waits_out_its_cool_down_before_it_approves_what_is_high():
    policy = policy_document(cool_down_s=3600)
    high = change(policy=policy)

    verdict = judge(high, [decide("ben", high)], policy=policy)

    assert (verdict.state, "too new" in verdict.reasons[0]) == (State.PENDING, True)


def test_classes_of_keys_that_the_limits_do_not_name_do_not_count():
    policy = policy_document(limits=[limit("config.rollback", "HIGH", 1, classes=["webauthn"])])
    high = change(policy=policy)

    assert judge(high, [decide("ben", high)], policy=policy).state is State.PENDING
    assert judge(high, [decide("ben", high, signer=PASSKEY["ben"])], policy=policy).state is State.GRANTED


def test_critical_needs_three_people_and_one_verified_device():
    names = ["ben", "cleo", "dan"]
    files = [decide(name, CRITICAL) for name in names]
    verdict = judge(CRITICAL, files)

    assert (verdict.state, verdict.have, verdict.needed) == (State.PENDING, 2, 3)
    assert "PIN or finger" in verdict.reasons[-1]
    assert judge(CRITICAL, [*files, decide("ben", CRITICAL, signer=PASSKEY["ben"])]).state is State.GRANTED
    passkeys = [decide(name, CRITICAL, signer=PASSKEY[name]) for name in names]
    assert judge(CRITICAL, passkeys[:2]).state is State.PENDING
    assert judge(CRITICAL, passkeys).state is State.GRANTED


def test_the_end_of_collecting_never_approves():
    assert judge(HIGH, [], now=NOW + timedelta(minutes=19)).state is State.PENDING
    assert judge(HIGH, [], now=NOW + timedelta(minutes=21)).state is State.EXPIRED


def test_what_was_granted_in_time_may_start_until_its_second_clock_runs_out():
    votes = [decide("ben", HIGH)]

    assert judge(HIGH, votes, now=NOW + timedelta(minutes=34)).state is State.GRANTED
    assert judge(HIGH, votes, now=NOW + timedelta(minutes=36)).state is State.EXPIRED


@pytest.mark.parametrize(
    "times",
    [
        {"expires_at": at(4)},
        {"execute_by": at(29)},
        {"not_before": at(50)},
        {"expires_at": at(36)},
        {"execute_by": "2026-03-01T13:06:00.000000Z"},
    ],
)
def test_times_that_contradict_each_other_or_the_policy_are_invalid(times):
    assert judge(change(**times), []).state is State.INVALID


def test_garbage_is_neither_counted_nor_fatal():
    verdict = judge(HIGH, [b"", b"{}", b'{"_type":"x"}', b"\xff", decide("ben", HIGH)])

    assert verdict.state is State.GRANTED
    assert len(verdict.reasons) == 5


def test_too_many_statements_are_invalid():
    assert judge(HIGH, [b""] * 513).state is State.INVALID


def test_more_people_than_can_be_judged_are_invalid():
    assert judge(change(people=8), []).needed == 8
    assert judge(change(people=9), []).state is State.INVALID
    assert judge(change(people=2**53 - 1), []).state is State.INVALID


def test_bytes_that_are_no_change_are_invalid():
    for data in (b"", b"{}", HIGH + b"\n", b"[" * 90_000, canonical_without("nonce"), canonical_with(extra=1)):
        assert judge(data, []).state is State.INVALID


def canonical_without(name):
    value = canonical.loads(HIGH)
    del value[name]
    return canonical.dumps(value)


def canonical_with(**members):
    return canonical.dumps({**canonical.loads(HIGH), **members})
