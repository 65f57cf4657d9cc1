"""Standing approvals (H15)."""

import pytest

from proof import canonical, documents
from proof.documents import DocumentError, parse_standing
from proof.quorum import State, evaluate, evaluate_standing
from proof.render_standing import render_standing
from tests.proof.acts import revoke_key
from tests.proof.cast import ALL_CLASSES, NOW, POLICY, SSH, at
from tests.proof.factory import (
    act,
    automatic,
    change,
    key_entry,
    limit,
    person_entry,
    policy_document,
    recorded,
    registry,
    service_entry,
    step,
)

LIMIT = limit("service.restart", "MEDIUM", 1)
RULES = policy_document(limits=[LIMIT], standing={"max_days": 30, "max_uses": 10})
PEOPLE = registry()


def standing_bytes(**changes):
    value = {
        "_type": documents.STANDING,
        "id": "5a" * 16,
        "action": "service.restart",
        "adapter": "git.revert",
        "targets": ["lab/checkout", "lab/gateway"],
        "params": [{"name": "commit", "const": "1f3a"}, {"name": "grace_s", "min": 5, "max": 30}],
        "max_uses": 10,
        "per_hour": 2,
        "cool_down_s": 600,
        "not_before": at(0),
        "not_after": "2026-03-08T12:00:00.000000Z",
        "policy_sha256": canonical.sha256(RULES),
        "requested_by": "ada",
        "intent": "Restart checkout and gateway when they hang.",
        "nonce": "5b" * 16,
        "audience": "executor:lab",
    }
    return canonical.dumps({**value, **changes})


STANDING = standing_bytes()


def decide_standing(name, data=STANDING, decision="approve", *, signer=None, **changes):
    signer = signer or SSH[name]
    predicate = {
        "decision": decision,
        "person_id": name,
        "key_id": signer.key_id,
        "request": 9,
        "nonce": "5c" * 16,
        "audience": "executor:lab",
        "policy_sha256": canonical.loads(data)["policy_sha256"],
        "registry_version": 1,
        "tier_seen": "MEDIUM",
        "render_sha256": canonical.sha256(render_standing(data).encode()),
        "viewed_ms": 9_000,
        "sections_seen": [],
        "comment_commitment": "",
        "delegation": "",
        "standing": True,
        "issued_at": at(8),
        "expires_at": at(13),
        "log": {"origin": "countersign/x", "size": 0, "root": ""},
    }
    subject = {"name": f"standing/{'5a' * 16}", "digest": {"sha256": canonical.sha256(data)}}
    value = {"_type": documents.STATEMENT, "predicateType": documents.DECISION, "subject": [subject]}
    return signer.sign(canonical.dumps({**value, "predicate": {**predicate, **changes}}))


def judged(sidecars, data=STANDING, *, people=PEOPLE, policy=RULES, now=NOW, **options):
    return evaluate_standing(data, recorded(sidecars), people, policy, now=now, audience="executor:lab", **options)


def restart(*, target="lab/checkout", grace="10", people=1, tier="MEDIUM", policy=RULES, **changes):
    params = [{"name": "commit", "value": "1f3a"}, {"name": "grace_s", "value": grace}]
    steps = changes.pop("steps", None) or [step("service.restart", target, params=changes.pop("params", params))]
    return change(tier=tier, people=people, policy=policy, steps=steps, **changes)


def ran(plan, *sidecars, data=STANDING, people=PEOPLE, policy=RULES, now=NOW, known=True, size=None):
    run = automatic(plan, standing=canonical.sha256(data))
    find = {canonical.sha256(data): data}.get if known else (lambda _digest: None)
    records = recorded([*sidecars, run])
    return evaluate(plan, records, people, policy, now=now, audience="executor:lab", find=find, size=size)


SIGNED = decide_standing("ben")


def test_it_is_signed_by_the_quorum_that_its_actions_would_need():
    assert judged([]).state is State.PENDING
    assert judged([SIGNED]).state is State.GRANTED
    two = policy_document(limits=[{**LIMIT, "people": 2}], standing={"max_days": 30, "max_uses": 10})
    data = standing_bytes(policy_sha256=canonical.sha256(two))
    votes = [decide_standing(name, data) for name in ("ben", "cleo")]
    assert judged(votes[:1], data, policy=two).state is State.PENDING
    assert judged(votes, data, policy=two).state is State.GRANTED


def test_whoever_asked_for_it_does_not_sign_it():
    data = standing_bytes(requested_by="ben")

    assert judged([decide_standing("ben", data)], data).state is State.PENDING
    assert judged([decide_standing("cleo", data)], data).state is State.GRANTED


def test_one_rejection_ends_it():
    assert judged([SIGNED, decide_standing("cleo", decision="reject")]).state is State.REJECTED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"not_after": "2026-04-01T12:00:00.000000Z"}, "for 30 days"),
        ({"max_uses": 11}, "10 uses"),
        ({"targets": ["lab/vault"]}, "protected"),
        ({"targets": ["production/checkout"]}, "outside"),
        ({"audience": "executor:production"}, "not for executor:lab"),
        ({"policy_sha256": "00" * 32}, "another policy"),
        ({"action": "config.rollback"}, "reaches up to MEDIUM"),
    ],
)
def test_what_no_signature_could_allow(changes, why):
    verdict = judged([], standing_bytes(**changes))

    assert (verdict.state, why in verdict.reasons[0]) == (State.INVALID, True), verdict.reasons


def test_a_policy_that_allows_none_allows_none():
    rules = policy_document(limits=[LIMIT])

    assert judged([], standing_bytes(policy_sha256=canonical.sha256(rules)), policy=rules).state is State.INVALID


@pytest.mark.parametrize("changes", [
    {"targets": ["lab/*"]}, {"targets": []}, {"targets": ["lab/a", "lab/a"]}, {"targets": ["lab/a b"]},
    {"max_uses": 0}, {"params": [{"name": "a", "min": 3, "max": 1}]}, {"params": [{"name": "a"}]},
    {"params": [{"name": "a", "const": "x"}, {"name": "a", "const": "y"}]}, {"params": [{"name": "a", "const": 1}]},
    {"not_after": at(0)}, {"more": 1},
])  # fmt: skip
def test_no_globs_no_nonsense(changes):
    with pytest.raises(DocumentError):
        parse_standing(standing_bytes(**changes))


def test_a_change_within_it_runs_without_being_asked_again():
    plan = restart()

    verdict = ran(plan, SIGNED)

    assert (verdict.state, verdict.needed, verdict.standing) == (State.GRANTED, 0, canonical.sha256(STANDING))
    assert verdict.counted[0][0] == ""
    assert ran(plan).state is State.PENDING
    assert ran(plan, SIGNED, known=False).state is State.PENDING
    assert ran(plan, decide_standing("mallory")).state is State.PENDING


def test_the_service_alone_decides_nothing_that_asks_for_people():
    plan = restart()

    verdict = evaluate(plan, recorded([SIGNED, automatic(plan)]), PEOPLE, RULES, now=NOW, audience="executor:lab")

    assert verdict.state is State.PENDING


@pytest.mark.parametrize("changes", [
    {"target": "lab/payments"}, {"grace": "31"}, {"grace": "4"}, {"grace": "ten"}, {"grace": "010"},
    {"params": [{"name": "commit", "value": "1f3a"}]},
    {"params": [{"name": "commit", "value": "1f3b"}, {"name": "grace_s", "value": "10"}]},
    {"params": [{"name": "commit", "value": "1f3a"}, {"name": "grace_s", "value": "10"}, {"name": "x", "value": "1"}]},
])  # fmt: skip
def test_no_target_and_no_parameter_outside_of_it(changes):
    verdict = ran(restart(**changes), SIGNED)

    assert verdict.state is State.PENDING
    assert any("lies outside" in reason for reason in verdict.reasons)


def test_every_step_must_lie_within():
    params = [{"name": "commit", "value": "1f3a"}, {"name": "grace_s", "value": "10"}]
    inside = step("service.restart", "lab/checkout", params=params)
    for odd in (step("service.restart", "lab/payments", params=params, index=1),
                step("service.restart", "lab/checkout", params=params, adapter="other", index=1)):  # fmt: skip
        assert ran(restart(steps=[inside, odd]), SIGNED).state is State.PENDING
    assert ran(restart(steps=[inside, {**inside, "index": 1}]), SIGNED).state is State.GRANTED


def test_nothing_above_medium_runs_under_it():
    assert ran(restart(tier="HIGH"), SIGNED).state is State.PENDING


def test_a_change_that_needs_more_people_than_signed_it_waits():
    assert ran(restart(people=2), SIGNED).state is State.PENDING
    assert ran(restart(people=2), SIGNED, decide_standing("cleo")).state is State.GRANTED


def test_it_ends_with_the_key_the_role_or_the_group_of_its_signer():
    plan = restart()
    gone = registry(persons=[person_entry("cleo")])
    demoted = registry(persons=[person_entry("ben", roles=["operator"]), person_entry("cleo")])
    revoked = registry(persons=[person_entry("ben", keys=[key_entry(SSH["ben"], revoked_index=3)])])
    grouped = {**LIMIT, "quorum": [[{"group": "sre", "n": 1, "classes": ALL_CLASSES}]]}
    rules = policy_document(limits=[grouped], standing={"max_days": 30, "max_uses": 10})
    data = standing_bytes(policy_sha256=canonical.sha256(rules))
    signed, member = decide_standing("ben", data), registry(persons=[person_entry("ben", groups=["sre"])])

    for people in (gone, demoted, revoked):
        assert ran(plan, SIGNED, people=people).state is State.PENDING
    assert ran(plan, SIGNED, revoke_key("ben", SSH["ben"])).state is State.PENDING
    grouped_plan = restart(policy=rules)
    assert ran(grouped_plan, signed, data=data, policy=rules, people=member).state is State.GRANTED
    assert ran(grouped_plan, signed, data=data, policy=rules).state is State.PENDING


def test_it_ends_on_a_change_of_policy():
    other = policy_document(limits=[LIMIT], standing={"max_days": 30, "max_uses": 9}, version=2)

    assert ran(restart(policy=other), SIGNED, policy=other).state is not State.GRANTED


def test_it_begins_and_ends_in_time():
    future = standing_bytes(not_before=at(30))
    past = standing_bytes(not_after=at(9))
    plan = restart()

    assert judged([decide_standing("ben", future)], future).state is State.GRANTED
    assert ran(plan, decide_standing("ben", future), data=future).state is State.PENDING
    assert judged([decide_standing("ben", past)], past).state is State.EXPIRED
    assert ran(plan, decide_standing("ben", past), data=past).state is State.PENDING


@pytest.mark.parametrize(("who", "ends"), [("ben", True), ("ada", True), ("dan", True), ("mallory", False)])
def test_whoever_may_decide_or_asked_for_it_ends_it(who, ends):
    end = act(who, documents.END_STANDING, f"standing:{'5a' * 16}")

    assert judged([SIGNED, end]).state is (State.EXPIRED if ends else State.GRANTED)
    assert judged([SIGNED, end], size=1).state is State.GRANTED
    assert ran(restart(), SIGNED, end).state is (State.PENDING if ends else State.GRANTED)


def test_bytes_that_are_not_those_of_its_digest_are_not_believed():
    plan = restart(target="lab/payments")
    run = automatic(plan, standing=canonical.sha256(STANDING))
    find = {canonical.sha256(STANDING): standing_bytes(targets=["lab/payments"])}.get

    verdict = evaluate(plan, recorded([SIGNED, run]), PEOPLE, RULES, now=NOW, audience="executor:lab", find=find)

    assert verdict.state is State.PENDING


def test_an_approval_of_it_is_none_of_a_change_and_the_other_way_round():
    plan = restart()
    assert judged([decide_standing("ben", standing=False)]).state is State.PENDING
    verdict = evaluate(plan, recorded([SIGNED]), PEOPLE, RULES, now=NOW, audience="executor:lab")
    assert (verdict.state, verdict.have) == (State.PENDING, 0)


@pytest.mark.parametrize(
    ("odd", "state"), [((5, 30), State.GRANTED), ((6, 40), State.INVALID), ((10, 12), State.INVALID)]
)
def test_its_whole_range_must_lie_within_one_limit_and_touch_no_stricter_one(odd, state):
    """A limit for a part of the range leaves the rest to no limit; a stricter one inside of it makes it stricter."""
    narrow = {**LIMIT, "params": [{"name": "grace_s", "min": odd[0], "max": odd[1]}]}
    rules = policy_document(limits=[narrow], standing={"max_days": 30, "max_uses": 10})
    data = standing_bytes(policy_sha256=canonical.sha256(rules))

    verdict = judged([decide_standing("ben", data)], data, policy=rules)
    assert verdict.state is state
    strict = {**narrow, "tier": "HIGH"}
    both = policy_document(limits=[LIMIT, strict], standing={"max_days": 30, "max_uses": 10})
    data = standing_bytes(policy_sha256=canonical.sha256(both))
    assert judged([decide_standing("ben", data)], data, policy=both).state is State.INVALID


def test_the_policy_services_scope_binds_it_here_too():
    people = registry(services=[service_entry("policy", POLICY, max_tier="LOW", audience="executor:lab")])

    assert ran(restart(), SIGNED, people=people).state is State.PENDING


def test_its_text_says_all_that_is_signed():
    text = render_standing(STANDING)

    for part in ("service.restart by git.revert", "lab/checkout", "lab/gateway", "commit = 1f3a",
                 "grace_s = a whole number from 5 to 30", "at most 10 times, 2 in an hour, 600 s apart",
                 "no other parameter", "asked for by ada", canonical.sha256(STANDING)):  # fmt: skip
        assert part in text
    assert "\\u{202e}" in render_standing(standing_bytes(intent="Restart \u202egateway."))
