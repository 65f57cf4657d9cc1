"""The rule against a slow and simple oracle, over many votes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from proof.quorum import State, evaluate
from tests.proof.cast import NOW, PASSKEY, SSH
from tests.proof.factory import change, decide, policy_document, recorded, registry

PEOPLE = registry()
POLICY = policy_document()
TWO = change(people=2)
VOTERS = ("ben", "cleo", "dan", "mallory")
VERDICTS = ("approve", "reject", "abstain", "revoke")
SIGNERS = {"ssh": SSH, "web": PASSKEY}
BALLOTS = {
    (who, verdict, kind): decide(who, TWO, verdict, signer=SIGNERS[kind][who])
    for who in VOTERS for verdict in VERDICTS for kind in SIGNERS
}  # fmt: skip
VOTES = st.lists(st.sampled_from(sorted(BALLOTS)), max_size=6)
APPROVALS = st.lists(st.sampled_from([key for key in sorted(BALLOTS) if key[1] == "approve"]), max_size=6)


def judge(votes, change_bytes=TWO, ballots=BALLOTS):
    return evaluate(
        change_bytes, recorded([ballots[vote] for vote in votes]), PEOPLE, POLICY, now=NOW, audience="executor:lab"
    )


def oracle(votes):
    """The rule in a few words: who last said yes, unless somebody ever said no."""
    votes = [vote for place, vote in enumerate(votes) if vote[0] != "mallory" and vote not in votes[:place]]
    if any(verdict == "reject" for _, verdict, _ in votes):
        return State.REJECTED
    standing = {who: verdict for who, verdict, _ in votes}
    return State.GRANTED if list(standing.values()).count("approve") >= 2 else State.PENDING


@settings(max_examples=150, deadline=None)
@given(VOTES)
def test_it_agrees_with_the_oracle(votes):
    assert judge(votes).state is oracle(votes)


@settings(max_examples=40, deadline=None)
@given(APPROVALS, st.randoms(use_true_random=False))
def test_the_order_of_approvals_and_their_doubles_do_not_matter(votes, random):
    shuffled = [*votes, *votes]
    random.shuffle(shuffled)

    assert (judge(shuffled).state, judge(shuffled).have) == (judge(votes).state, judge(votes).have)


@settings(max_examples=40, deadline=None)
@given(APPROVALS, st.sampled_from([key for key in sorted(BALLOTS) if key[1] == "approve"]))
def test_another_approval_never_lowers(votes, another):
    assert judge([*votes, another]).have >= judge(votes).have


@settings(max_examples=40, deadline=None)
@given(APPROVALS, st.sampled_from(["ben", "cleo", "dan"]))
def test_one_more_interested_person_never_grants(votes, who):
    mine = change(people=2, interested_persons=[who])
    ballots = {
        key: decide(key[0], mine, key[1], signer=SIGNERS[key[2]][key[0]]) for key in {*votes}
    }  # fmt: skip

    verdict = judge(votes, mine, ballots)

    assert verdict.have <= judge(votes).have
    assert verdict.state is not State.GRANTED or judge(votes).state is State.GRANTED
