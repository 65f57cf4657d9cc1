"""The rule against an oracle that tries everything: every prefix, every way to seat people, every pair of keys."""

from dataclasses import dataclass
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import canonical
from proof.quorum import State
from tests.proof.acts import authored, delegate, revoke_key
from tests.proof.cast import PASSKEY, SSH
from tests.proof.factory import decide, person_entry, registry
from tests.proof.judging import judge, places, ruled, twin_of

TEAMS = {"ben": "red", "cleo": "red", "dan": "blue", "eve": ""}
GROUPS = {"ben": {"sre"}, "cleo": {"owners/lab/payments"}, "dan": {"sre", "owners/lab/payments"}, "eve": set()}
VOTERS = tuple(TEAMS)
PEOPLE = registry(
    persons=[person_entry(name, team=TEAMS[name], groups=sorted(GROUPS[name])) for name in VOTERS]
    + [person_entry("mallory", roles=[])]
)
SIGNERS = {"ssh": SSH, "web": PASSKEY}
CLASS = {"ssh": "ssh-file", "web": "webauthn", "lent": "ssh-file"}
BOTH = frozenset(CLASS.values())
VERDICTS = ("approve", "reject", "abstain", "revoke")


@dataclass(frozen=True)
class World:
    """A quorum, as (group, classes) places by alternative, and everything that somebody could sign under it."""

    alternatives: tuple
    teams: int
    threshold: int
    policy: bytes
    plan: bytes
    ballots: dict


def world(alternatives, *, people, teams=0, threshold=1):
    quorum = [places(*((group, 1, sorted(classes)) for group, classes in one)) for one in alternatives]
    policy, plan = ruled(
        quorum, people=people, distinct_teams=teams, policy={"deny": {"threshold": threshold, "veto_groups": []}}
    )
    lent = delegate("ben", "cleo")
    ballots = {
        ("vote", who, verdict, kind): decide(who, plan, verdict, signer=SIGNERS[kind][who])
        for who, verdict, kind in product((*VOTERS, "mallory"), VERDICTS, SIGNERS)
    }
    for who in VOTERS:
        ballots["gone", who, "", "ssh"] = revoke_key(who, SSH[who], signer=PASSKEY[who])
        ballots["gone", who, "", "web"] = revoke_key(who, PASSKEY[who], signer=SSH[who])
        ballots["author", who, "", ""] = authored(who, plan)
    ballots["lend", "ben", "", ""] = lent
    ballots["vote", "cleo", "approve", "lent"] = decide("cleo", plan, delegation=canonical.sha256(lent))
    return World(alternatives, teams, threshold, policy, plan, ballots)


APPROVER, SRE, OWNER = "approver", "sre", "owners"
WORLDS = [
    world([[(APPROVER, BOTH)] * 2], people=2),
    world([[(SRE, BOTH), (OWNER, BOTH)]], people=2),
    world([[(SRE, {"webauthn"}), (APPROVER, {"ssh-file"})]], people=2, threshold=2),
    world([[(APPROVER, BOTH)] * 3], people=3, teams=2),
    world([[(SRE, BOTH)] * 2, [(OWNER, {"webauthn"}), (APPROVER, BOTH), (APPROVER, BOTH)]], people=2, teams=1),
]
EVENTS = sorted(WORLDS[0].ballots)
VOTES = [event for event in EVENTS if event[0] == "vote"]
APPROVALS = [event for event in VOTES if event[2] == "approve"]
ACTS = [event for event in EVENTS if event[0] != "vote"]
# Ben lends, and approvals are as likely as all else together, so that many examples come near to a quorum.
CHOICES = [st.sampled_from(kind) for kind in (APPROVALS, VOTES, ACTS)]
HISTORIES = st.one_of(
    st.lists(st.one_of(CHOICES), max_size=9),
    st.lists(st.one_of(CHOICES), max_size=8).map(lambda events: [("lend", "ben", "", ""), *events]),
)


def oracle(here, events):
    """What should come of it, worked out without any of the code that is tested."""
    gone, lending = {}, None
    for place, (what, who, _, kind) in enumerate(events):
        other = {"ssh": "web", "web": "ssh"}.get(kind)
        if what == "gone" and (who, other) not in gone:
            gone.setdefault((who, kind), place)
        if what == "lend" and lending is None:
            lending = place
    lends = lending is not None and ("ben", "ssh") not in gone
    interested = {
        who for place, (what, who, _, _) in enumerate(events)
        if what == "author" and gone.get((who, "ssh"), place) >= place
    }  # fmt: skip
    if lends and "ben" in interested:
        interested |= {"cleo"}
    approvals, stance, denied, seen = {}, {}, False, set()
    for place, event in enumerate(events):
        what, who, verdict, kind = event
        key = (who, "web" if kind == "web" else "ssh")
        if what != "vote" or event in seen or who not in TEAMS:
            continue
        seen.add(event)
        if gone.get(key, place) < place:
            continue
        if verdict == "approve":
            if key in gone or who in interested or (kind == "lent" and not lends):
                continue
            if not any(CLASS[kind] in classes for one in here.alternatives for _, classes in one):
                continue
            approvals.setdefault(who, set()).add(kind)
        else:
            approvals.pop(who, None)
            if who == "ben":
                approvals.get("cleo", set()).discard("lent")
        stance[who] = verdict
        denied = denied or list(stance.values()).count("reject") >= here.threshold
    if denied:
        return State.REJECTED
    ways = (way for one in here.alternatives for way in ways_to_fill(one, approvals, lends))
    return State.GRANTED if any(teams_of(way) >= here.teams for way in ways) else State.PENDING


def ways_to_fill(one, approvals, lends):
    """Everybody on every place, in every order; Ben and Cleo are one while he lends her his right."""
    for order in permutations(approvals, len(one)):
        if lends and {"ben", "cleo"} <= set(order):
            continue
        if all(fits(who, place, approvals[who]) for who, place in zip(order, one, strict=True)):
            yield order


def fits(who, place, kinds):
    group, classes = place
    for kind in kinds:
        holder = "ben" if kind == "lent" else who
        held = {APPROVER} | {"owners" if name.startswith("owners") else name for name in GROUPS[holder]}
        if group in held and CLASS[kind] in classes:
            return True
    return False


def teams_of(order):
    return len({TEAMS[who] for who in order} - {""})


def told(here, events, **options):
    sidecars = [here.ballots[event] for event in events]
    return judge(here.plan, sidecars, policy=here.policy, people=PEOPLE, **options)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(WORLDS), HISTORIES)
def test_it_agrees_with_the_oracle_at_every_size(here, events):
    for size in range(len(events) + 1):
        verdict = told(here, events, size=size)
        assert verdict.state is oracle(here, events[:size]), (events[:size], verdict)
        assert bool(verdict.slots) is (verdict.state is State.PENDING)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WORLDS), st.lists(st.sampled_from(APPROVALS), max_size=4))
def test_approvals_count_alike_in_every_order(here, events):
    verdicts = {(told(here, order).state, told(here, order).have) for order in set(permutations(events))}

    assert len(verdicts) == 1


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORLDS), st.lists(st.sampled_from(APPROVALS), max_size=5), st.sampled_from(APPROVALS))
def test_another_approval_never_lowers_a_prefix_without_deny_or_revoke(here, events, another):
    before, after = told(here, events), told(here, [*events, another])

    assert after.have >= before.have
    assert before.state is not State.GRANTED or after.state is State.GRANTED


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORLDS), HISTORIES, st.randoms(use_true_random=False))
def test_doubles_do_not_matter(here, events, random):
    again = [*events, *random.sample(events, len(events))]

    assert told(here, again).state is told(here, events).state
    assert told(here, again).counted == told(here, events).counted


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORLDS), HISTORIES, st.sampled_from(VOTERS))
def test_another_interested_person_never_grants(here, events, who):
    before, after = told(here, events), told(here, [*events, ("author", who, "", "")])

    assert after.state is not State.GRANTED or before.state is State.GRANTED
    assert (after.state is State.REJECTED) is (before.state is State.REJECTED)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(WORLDS), HISTORIES)
def test_what_is_denied_stays_denied(here, events):
    states = [told(here, events, size=size).state for size in range(len(events) + 1)]
    first = states.index(State.REJECTED) if State.REJECTED in states else len(states)

    assert set(states[first:]) <= {State.REJECTED}


@pytest.mark.parametrize("here", WORLDS)
def test_the_ecdsa_twin_adds_nothing(here):
    for who in VOTERS:
        event = ("vote", who, "approve", "web")
        alone = judge(here.plan, [here.ballots[event]], policy=here.policy, people=PEOPLE)
        both = [here.ballots[event], twin_of(here.ballots[event])]
        assert judge(here.plan, both, policy=here.policy, people=PEOPLE) == alone


def test_the_world_is_as_the_oracle_thinks():
    """Some that must hold, so that the oracle and the rule are not wrong alike."""
    yes = {(who, kind): ("vote", who, "approve", kind) for who in VOTERS for kind in ("ssh", "web")}
    pairs, owned = WORLDS[0], WORLDS[1]

    assert oracle(pairs, [yes["ben", "ssh"], yes["eve", "web"]]) is State.GRANTED
    assert oracle(pairs, [("lend", "ben", "", ""), yes["ben", "ssh"], yes["cleo", "web"]]) is State.PENDING
    assert oracle(owned, [yes["ben", "ssh"], yes["cleo", "web"]]) is State.GRANTED
    assert oracle(owned, [yes["ben", "ssh"], yes["eve", "web"]]) is State.PENDING
    assert oracle(owned, [("lend", "ben", "", ""), ("vote", "cleo", "approve", "lent"), yes["dan", "ssh"]]) is (
        State.GRANTED
    )
