"""The algebra of votes (H7, H14): one test a sentence."""

from datetime import timedelta

import pytest

from proof import canonical
from proof.quorum import State
from tests.proof.cast import NAMES, NOW, PASSKEY, SSH, at
from tests.proof.factory import change, decide, key_entry, person_entry, policy_document, recorded, registry, statement
from tests.proof.judging import judge, places, ruled, twin_of

HIGH, TWO = change(), change(people=2)


def test_the_state_at_a_size_is_a_function_of_the_prefix():
    sidecars = [decide("ben", TWO), decide("cleo", TWO), decide("dan", TWO, "reject")]

    states = [judge(TWO, sidecars, size=size).state for size in range(4)]

    assert states == [State.PENDING, State.PENDING, State.GRANTED, State.REJECTED]
    assert [judge(TWO, sidecars[:size]).state for size in range(4)] == states


def test_the_order_of_the_ledger_counts_not_that_of_the_caller():
    from proof.quorum import evaluate

    records = recorded([decide("ben", HIGH), decide("ben", HIGH, "revoke")])
    shuffled = [evaluate(HIGH, listed, registry(), policy_document(), now=NOW, audience="executor:lab").state
                for listed in (records, records[::-1])]  # fmt: skip

    assert shuffled == [State.PENDING, State.PENDING]


def test_what_the_ledger_has_not_placed_yet_comes_last():
    from proof.quorum import evaluate
    from proof.records import Record

    records = [Record(-1, decide("ben", HIGH, "revoke")), Record(0, decide("ben", HIGH))]
    verdict = evaluate(HIGH, records, registry(), policy_document(), now=NOW, audience="executor:lab")
    placed = evaluate(HIGH, records, registry(), policy_document(), now=NOW, audience="executor:lab", size=9)

    assert (verdict.state, placed.state) == (State.PENDING, State.GRANTED)


def test_interested_persons_are_removed_from_approvals_never_from_denies():
    mine = change(interested_persons=["ben"])

    assert judge(mine, [decide("ben", mine)]).state is State.PENDING
    assert judge(mine, [decide("cleo", mine), decide("ben", mine, "reject")]).state is State.REJECTED


def test_any_active_key_of_an_eligible_person_may_deny():
    rules, high = ruled(classes=["webauthn"])
    weak = decide("ben", high, "reject")

    assert judge(high, [decide("ben", high)], policy=rules).state is State.PENDING
    assert judge(high, [decide("cleo", high, signer=PASSKEY["cleo"]), weak], policy=rules).state is State.REJECTED


def test_who_is_not_eligible_denies_nothing():
    for name in ("ada", "mallory"):
        assert judge(HIGH, [decide(name, HIGH, "reject"), decide("ben", HIGH)]).state is State.GRANTED


def test_a_weak_key_does_not_replace_a_strong_one():
    rules, high = ruled(classes=["webauthn"])
    strong, weak = decide("ben", high, signer=PASSKEY["ben"]), decide("ben", high)

    assert judge(high, [strong, weak], policy=rules).state is State.GRANTED


def test_all_live_approvals_of_a_person_are_offered_and_count_once():
    rules, two = ruled([places(("approver", 1, ["webauthn"]), ("approver", 1, ["ssh-file"]))], people=2)
    both = [decide("ben", two), decide("ben", two, signer=PASSKEY["ben"])]

    assert judge(two, both, policy=rules).state is State.PENDING
    assert judge(two, [*both, decide("cleo", two)], policy=rules).state is State.GRANTED
    assert judge(two, [*both, decide("cleo", two, signer=PASSKEY["cleo"])], policy=rules).state is State.GRANTED


def test_the_latest_stance_by_index_is_what_a_person_thinks():
    votes = ["approve", "abstain", "approve", "revoke"]
    sidecars = [decide("ben", HIGH, vote, issued_at=at(8, second)) for second, vote in enumerate(votes)]

    assert [judge(HIGH, sidecars[:size]).state is State.GRANTED for size in range(5)] == [
        False, True, False, True, False,
    ]  # fmt: skip


def test_places_keys_and_teams_are_solved_together():
    people = registry(persons=[person_entry(name, groups=["sre"] if name != "cleo" else [], team=team) for name, team in
                               (("ben", "red"), ("cleo", "red"), ("dan", "blue"))])  # fmt: skip
    rules, two = ruled([places(("sre", 1), ("approver", 1))], people=2, distinct_teams=2)
    by = {name: decide(name, two) for name in ("ben", "cleo", "dan")}

    # Ben and Dan are of two teams; Ben and Cleo of one, although each place is taken; with all three it holds.
    assert judge(two, [by["ben"], by["cleo"]], policy=rules, people=people).state is State.PENDING
    assert judge(two, [by["cleo"], by["dan"]], policy=rules, people=people).state is State.GRANTED
    assert judge(two, [by["ben"], by["cleo"], by["dan"]], policy=rules, people=people).state is State.GRANTED
    assert "people of more teams" in judge(two, [by["ben"], by["cleo"]], policy=rules, people=people).slots


def test_more_people_than_can_be_judged_are_invalid():
    from tests.proof.cast import SshSigner

    crowd = {f"p{number}": SshSigner(f"p{number}") for number in range(65)}
    people = registry(
        persons=[
            {**person_entry("ben"), "person_id": name, "keys": [key_entry(signer)]} for name, signer in crowd.items()
        ]
    )
    sidecars = [decide(name, HIGH, signer=signer) for name, signer in crowd.items()]

    assert judge(HIGH, sidecars[:64], people=people).state is State.GRANTED
    verdict = judge(HIGH, sidecars, people=people)
    assert (verdict.state, "64 are the most" in verdict.reasons[0]) == (State.INVALID, True)


def test_a_deny_after_it_was_granted_and_before_it_runs_is_a_deny():
    sidecars = [decide("ben", HIGH), decide("cleo", HIGH, "reject")]

    assert judge(HIGH, sidecars, size=1).state is State.GRANTED
    assert judge(HIGH, sidecars, size=2).state is State.REJECTED


class TestThreshold:
    RULES, PLAN = ruled(policy={"deny": {"threshold": 2, "veto_groups": ["security"]}})

    def test_one_deny_below_the_threshold_is_counted_and_ends_nothing(self):
        verdict = judge(self.PLAN, [decide("ben", self.PLAN), decide("cleo", self.PLAN, "reject")], policy=self.RULES)

        assert verdict.state is State.GRANTED
        assert ("cleo", SSH["cleo"].key_id, "reject") in verdict.counted

    def test_denied_is_final_also_when_one_takes_it_back(self):
        denies = [decide("ben", self.PLAN, "reject"), decide("cleo", self.PLAN, "reject")]
        back = [decide("ben", self.PLAN, "revoke"), decide("ben", self.PLAN, issued_at=at(9)), decide("dan", self.PLAN)]

        assert judge(self.PLAN, [*denies, *back], policy=self.RULES).state is State.REJECTED
        assert judge(self.PLAN, [denies[0], *back, denies[1]], policy=self.RULES).state is State.GRANTED

    def test_one_of_a_veto_group_is_enough(self):
        people = registry(persons=[person_entry("ben"), person_entry("dan", roles=[], groups=["security"])])
        sidecars = [decide("ben", self.PLAN), decide("dan", self.PLAN, "reject")]

        assert judge(self.PLAN, sidecars, policy=self.RULES, people=people).state is State.REJECTED

    def test_two_entries_of_one_person_deny_once(self):
        people = registry(persons=[person_entry("ben"), person_entry("eve", same_as="ben"), person_entry("dan")])
        sidecars = [decide(name, self.PLAN, "reject") for name in ("ben", "eve")]

        assert judge(self.PLAN, [*sidecars, decide("dan", self.PLAN)], policy=self.RULES, people=people).state is (
            State.GRANTED
        )


class TestAskedAgain:
    """A denied change is not asked again until somebody agrees."""

    AGAIN = change(id="34" * 16, nonce="67" * 16)

    def known(self, *changes):
        return {canonical.sha256(data): data for data in changes}.get

    def test_the_same_but_for_id_and_nonce_stays_denied(self):
        sidecars = [decide("cleo", HIGH, "reject"), decide("ben", self.AGAIN)]

        verdict = judge(self.AGAIN, sidecars, find=self.known(HIGH))

        assert verdict.state is State.REJECTED
        assert "rejected before" in verdict.reasons[-1]

    @pytest.mark.parametrize("changes", [{"version": 2}, {"created_at": at(6)}, {"expires_at": at(29)}])
    def test_so_it_does_with_other_times_and_another_number(self, changes):
        later = change(id="34" * 16, **changes)

        assert judge(later, [decide("cleo", HIGH, "reject")], find=self.known(HIGH)).state is State.REJECTED

    def test_one_that_says_so_may_be_decided(self):
        denial = canonical.sha256(statement("cleo", HIGH, SSH["cleo"], "reject"))
        open_about_it = change(id="34" * 16, prior_denials=[denial])
        sidecars = [decide("cleo", HIGH, "reject"), decide("ben", open_about_it)]

        assert judge(open_about_it, sidecars, find=self.known(HIGH)).state is State.GRANTED

    def test_another_change_is_another_matter(self):
        other = change(id="34" * 16, intent="Something else.")

        assert judge(other, [decide("cleo", HIGH, "reject"), decide("ben", other)], find=self.known(HIGH)).state is (
            State.GRANTED
        )

    def test_an_invalid_rejection_of_it_binds_nobody(self):
        for odd in (decide("mallory", HIGH, "reject"), decide("ben", HIGH, "approve")):
            assert judge(self.AGAIN, [odd, decide("ben", self.AGAIN)], find=self.known(HIGH)).state is State.GRANTED

    def test_bytes_that_are_not_those_of_the_digest_are_not_believed(self):
        wrong = {canonical.sha256(HIGH): change(intent="Something else.")}.get

        assert judge(self.AGAIN, [decide("cleo", HIGH, "reject"), decide("ben", self.AGAIN)], find=wrong).state is (
            State.GRANTED
        )


def test_the_ecdsa_twin_counts_once_and_at_its_first_place():
    first = decide("ben", TWO, signer=PASSKEY["ben"])
    twin = twin_of(first)

    assert twin != first
    assert judge(TWO, [twin]).have == 1
    assert judge(TWO, [first, twin]).have == 1
    assert judge(HIGH, [decide("ben", HIGH, signer=PASSKEY["ben"]), decide("ben", HIGH, "revoke"),
                        twin_of(decide("ben", HIGH, signer=PASSKEY["ben"]))]).state is State.PENDING  # fmt: skip


def test_decisions_go_with_persons_not_with_names_of_persons():
    people = registry(persons=[person_entry("ben"), person_entry("eve", same_as="ben"), person_entry("dan")])
    both = [decide("ben", TWO), decide("eve", TWO)]

    assert judge(TWO, both, people=people).have == 1
    assert judge(TWO, [*both, decide("dan", TWO)], people=people).state is State.GRANTED
    withdrawn = [*both, decide("eve", TWO, "revoke"), decide("dan", TWO)]
    assert judge(TWO, withdrawn, people=people).state is State.PENDING


def test_who_was_not_confirmed_in_ninety_days_signs_nothing_on_day_ninety_one():
    until = at(9)
    people = registry(persons=[person_entry("ben", expires_at=until), person_entry("cleo")])
    in_time, late = decide("ben", HIGH), decide("ben", HIGH, issued_at=at(9, 1))

    assert judge(HIGH, [in_time], people=people, now=NOW - timedelta(minutes=2)).state is State.GRANTED
    for sidecar in (in_time, late):
        verdict = judge(HIGH, [sidecar], people=people)
        assert (verdict.state, "confirmed" in verdict.reasons[0]) == (State.PENDING, True)
    assert judge(
        HIGH, [decide("ben", HIGH, "reject", issued_at=at(9, 1)), decide("cleo", HIGH)], people=people
    ).state is (State.GRANTED)


def test_everybody_counts_in_the_end():
    eight = change(people=4)

    assert judge(eight, [decide(name, eight) for name in NAMES]).state is State.GRANTED
