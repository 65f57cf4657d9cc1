"""Groups, owners, teams and the options of a policy (H3, H8, H9, H17, H18)."""

import pytest

from proof import canonical, documents
from proof.quorum import State, who_may_not
from tests.proof.acts import authored, revoke_key
from tests.proof.cast import NOW, PASSKEY, SSH, at
from tests.proof.factory import (
    act,
    change,
    decide,
    key_entry,
    limit,
    person_entry,
    policy_document,
    recorded,
    registry,
    restart,
    step,
)
from tests.proof.judging import judge, places, ruled

TEAM = registry(
    persons=[
        person_entry("ben", groups=["sre"]),
        person_entry("cleo", roles=[], groups=["owners/lab/payments"]),
        person_entry("dan"),
        person_entry("mallory", roles=["viewer"]),
    ]
)


def test_one_sre_and_the_services_owner():
    rules, plan = ruled([places(("sre", 1), ("owners", 1))], people=2)

    nothing = judge(plan, [], policy=rules, people=TEAM)
    half = judge(plan, [decide("ben", plan)], policy=rules, people=TEAM)
    whole = judge(plan, [decide("ben", plan), decide("cleo", plan)], policy=rules, people=TEAM)

    assert (nothing.state, nothing.slots) == (State.PENDING, ("1 of sre", "the owner of payments"))
    assert (half.state, half.have, half.slots) == (State.PENDING, 1, ("the owner of payments",))
    assert (whole.state, whole.slots) == (State.GRANTED, ())
    others = judge(plan, [decide("ben", plan), decide("dan", plan)], policy=rules, people=TEAM)
    assert (others.state, others.have) == (State.PENDING, 1)


def test_any_of_the_alternatives_is_enough():
    rules, plan = ruled([places(("sre", 2)), places(("approver", 1), ("owners", 1))], people=2)

    assert judge(plan, [decide("dan", plan), decide("cleo", plan)], policy=rules, people=TEAM).state is State.GRANTED
    assert judge(plan, [decide("dan", plan), decide("ben", plan)], policy=rules, people=TEAM).state is State.PENDING


def test_the_limits_of_all_steps_must_hold_and_one_person_may_serve_several():
    listed = [{**limit("config.rollback", "HIGH", 1), "quorum": [places(("sre", 1))]},
              {**limit("cache.flush", "MEDIUM", 1), "quorum": [places(("owners", 1))]}]  # fmt: skip
    rules = policy_document(limits=listed)
    plan = change(policy=rules, steps=[step(), step("cache.flush", "lab/payments", index=1)])
    ben_owns = registry(persons=[person_entry("ben", groups=["sre", "owners/lab/payments"])])

    assert judge(plan, [decide("ben", plan)], policy=rules, people=TEAM).state is State.PENDING
    both = [decide("ben", plan), decide("cleo", plan)]
    assert judge(plan, both, policy=rules, people=TEAM).state is State.GRANTED
    assert judge(plan, [decide("ben", plan)], policy=rules, people=ben_owns).state is State.GRANTED


def test_a_claim_for_more_people_adds_places_for_approvers():
    rules, plan = ruled([places(("sre", 1))])
    three = change(policy=rules, people=3)

    assert judge(plan, [decide("ben", plan)], policy=rules, people=TEAM).state is State.GRANTED
    verdict = judge(three, [decide("ben", three)], policy=rules, people=TEAM)
    assert (verdict.needed, verdict.slots) == (3, ("2 approvers",))


def test_a_group_counts_from_the_registry_alone():
    """Mallory's own word about herself, in whatever statement, puts her into no group."""
    rules, plan = ruled([places(("sre", 1))])

    assert judge(plan, [decide("mallory", plan)], policy=rules, people=TEAM).state is State.PENDING
    assert judge(plan, [decide("dan", plan)], policy=rules, people=TEAM).state is State.PENDING


def test_a_place_may_take_other_classes_than_its_limit():
    rules, plan = ruled([places(("sre", 1, ["webauthn"]))])

    assert judge(plan, [decide("ben", plan)], policy=rules, people=TEAM).state is State.PENDING
    strong = decide("ben", plan, signer=PASSKEY["ben"])
    assert judge(plan, [strong], policy=rules, people=TEAM).state is State.GRANTED


def test_a_parameter_outside_the_range_of_its_limit_is_critical():
    ranged = {**limit("config.rollback", "HIGH", 1), "params": [{"name": "depth", "min": 1, "max": 3}]}
    rules = policy_document(limits=[ranged])

    for value, state in (("2", State.GRANTED), ("4", State.INVALID), ("two", State.INVALID), ("02", State.INVALID)):
        plan = change(policy=rules, steps=[step(params=[{"name": "depth", "value": value}])])
        assert judge(plan, [decide("ben", plan)], policy=rules).state is state
    missing = change(policy=rules, steps=[step(params=[])])
    assert judge(missing, [decide("ben", missing)], policy=rules).state is State.INVALID


def test_a_signature_of_the_terminal_can_be_required():
    critical = {"tier": "CRITICAL", "people": 3}
    rules, plan = ruled(policy={"require_cli": ["CRITICAL"]}, **critical)
    passkeys = [decide(name, plan, signer=PASSKEY[name]) for name in ("ben", "cleo", "dan")]

    verdict = judge(plan, passkeys, policy=rules)

    assert (verdict.state, verdict.slots) == (State.PENDING, ("a signature made in a terminal",))
    assert judge(plan, [*passkeys, decide("dan", plan)], policy=rules).state is State.GRANTED
    off, same = ruled(**critical)
    assert judge(same, [decide(name, same, signer=PASSKEY[name]) for name in ("ben", "cleo", "dan")],
                 policy=off).state is State.GRANTED  # fmt: skip


def test_keys_that_stay_on_their_device_can_be_required():
    rules, plan = ruled(policy={"device_bound": ["HIGH"]})
    bound = registry(persons=[person_entry("ben", keys=[key_entry(PASSKEY["ben"], device_bound=True)])])

    for sidecar in (decide("ben", plan), decide("ben", plan, signer=PASSKEY["ben"])):
        verdict = judge(plan, [sidecar], policy=rules)
        assert (verdict.state, "can leave its device" in verdict.reasons[0]) == (State.PENDING, True)
    assert judge(plan, [decide("ben", plan, signer=PASSKEY["ben"])], policy=rules, people=bound).state is State.GRANTED


class TestAuthors:
    """Who shaped a change is found in what people signed, not only in the list that the server wrote (H9)."""

    def test_a_person_signs_what_they_propose_from_high_on(self):
        mine = change(proposer={"kind": "person", "id": "ada"})

        unsigned = judge(mine, [decide("ben", mine)])
        assert (unsigned.state, unsigned.slots) == (State.PENDING, ("the signature of ada under what they proposed",))
        assert judge(mine, [decide("ben", mine), authored("ada", mine)]).state is State.GRANTED
        for odd in (authored("cleo", mine), authored("ada", change()), authored("ada", mine, signer=SSH["cleo"])):
            assert judge(mine, [decide("ben", mine), odd]).state is State.PENDING

    def test_below_high_nobody_need_sign_what_they_propose(self):
        mine = restart(proposer={"kind": "person", "id": "ada"})

        assert judge(mine, [decide("ben", mine)]).state is State.GRANTED

    def test_the_editors_approval_does_not_count_though_the_list_is_blank(self):
        high = change()

        assert judge(high, [authored("ben", high), decide("ben", high)]).state is State.PENDING
        assert judge(high, [decide("ben", high), authored("ben", high)]).state is State.PENDING
        assert judge(high, [authored("ben", high), decide("ben", high), decide("cleo", high)]).state is State.GRANTED

    def test_an_editor_of_an_earlier_version_is_interested_too(self):
        first, second = change(), change(version=2, intent="Take it back further.")
        known = {canonical.sha256(data): data for data in (first, second)}.get

        sidecars = [authored("ben", first), decide("ben", second)]

        assert judge(second, sidecars, find=known).state is State.PENDING
        assert judge(second, sidecars).state is State.GRANTED  # who does not know the first version cannot tell

    def test_nobody_makes_others_interested(self):
        high = change()

        for forged in (authored("ben", high, signer=SSH["mallory"]), authored("ben", high, installation="0b" * 16)):
            assert judge(high, [forged, decide("ben", high)]).state is State.GRANTED


class TestPolicyVersions:
    OLD = policy_document()
    SAME = policy_document(version=2, created_at=at(6), accepts=[canonical.sha256(OLD)])
    PLAN = change()

    def test_a_policy_between_two_signatures_makes_it_stale(self):
        newer = policy_document(version=2, created_at=at(6))

        assert judge(self.PLAN, [decide("ben", self.PLAN)], policy=newer).state is State.INVALID

    def test_one_that_accepts_the_older_keeps_it_open_where_no_floor_changes(self):
        known = {canonical.sha256(self.OLD): self.OLD}.get

        assert judge(self.PLAN, [decide("ben", self.PLAN)], policy=self.SAME, find=known).state is State.GRANTED
        assert judge(self.PLAN, [decide("ben", self.PLAN)], policy=self.SAME).state is State.INVALID
        for limits in (
            [limit("config.rollback", "HIGH", 2)],
            [limit("config.rollback", "HIGH", 1, classes=["webauthn"])],
        ):
            other = policy_document(version=2, accepts=[canonical.sha256(self.OLD)], limits=limits)
            assert judge(self.PLAN, [decide("ben", self.PLAN)], policy=other, find=known).state is State.INVALID


class TestSolo:
    def test_one_person_decides_their_own_plan_where_the_policy_says_so(self):
        rules, _ = ruled(policy={"solo": True})
        mine = change(policy=rules, proposer={"kind": "person", "id": "ben"})

        assert judge(mine, [decide("ben", mine)], policy=rules).state is State.GRANTED

    def test_solo_lowers_no_number(self):
        rules, critical = ruled(policy={"solo": True}, tier="CRITICAL", people=3)

        assert judge(critical, [decide("ben", critical, signer=PASSKEY["ben"])], policy=rules).state is State.PENDING


class TestWhoMayNot:
    RULES, PLAN = ruled([places(("sre", 1))], policy={"cool_down_s": 3600}, classes=["webauthn"])

    def told(self, people, records=(), plan=None, policy=None):
        return who_may_not(plan or self.PLAN, people, policy or self.RULES, recorded(records), now=NOW)

    def test_it_says_of_everybody_why(self):
        people = registry(
            persons=[
                person_entry("ada", groups=["sre"]),
                person_entry("ben", groups=["sre"], expires_at=at(1)),
                person_entry("cleo", groups=["sre"], keys=[key_entry(SSH["cleo"])]),
                person_entry("dan", groups=["sre"], keys=[key_entry(PASSKEY["dan"], revoked_index=0)]),
                person_entry("mallory", roles=[]),
            ]
        )

        told = self.told(people)

        for name, why in (("ada", "too new"), ("ben", "confirmed"), ("cleo", "class"), ("dan", "no key"),
                          ("mallory", "not an approver")):  # fmt: skip
            assert why in told[name], told[name]

    def test_it_names_the_interested_and_nobody_who_may(self):
        plan = change(interested_persons=["ben"])

        told = who_may_not(plan, registry(), policy_document(), recorded([]), now=NOW)

        assert "proposed or shaped" in told["ben"]
        assert "cleo" not in told
        assert ("ben", told["ben"]) in judge(plan, []).refused
        assert "mallory" not in dict(judge(plan, []).refused)

    def test_revocations_of_the_log_count(self):
        high = change()
        gone = [revoke_key("ben", SSH["ben"]), revoke_key("ben", PASSKEY["ben"], signer=PASSKEY["ben"])]

        assert "no key" in who_may_not(high, registry(), policy_document(), recorded(gone), now=NOW)["ben"]

    def test_of_what_is_no_change_it_says_nothing(self):
        assert who_may_not(b"{}", registry(), policy_document(), [], now=NOW) == {}


@pytest.mark.parametrize("kind", sorted(documents.ACTS - {documents.AUTHOR_CHANGE}))
def test_no_act_is_an_approval(kind):
    high = change()

    assert judge(high, [act("ben", kind, f"change:{canonical.sha256(high)}")]).state is State.PENDING
