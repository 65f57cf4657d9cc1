"""What a change needs in the end, and the claims in it that no signature could mend."""

from dataclasses import replace

from proof import canonical
from proof.documents import TIERS, Change, DocumentError, Policy, parse_change, parse_policy, rank
from proof.documents.demands import MAX_PEOPLE
from proof.limits import Requirement, protected, requirement
from proof.lineage import Find
from proof.times import later
from proof.verdict import InvalidError

EVERYWHERE = "*"  # the environment of a policy that is for all of them
LEAST_PEOPLE = {"LOW": 0, "MEDIUM": 0, "HIGH": 1, "CRITICAL": 3}


def demand(change_bytes: bytes, policy_bytes: bytes, audience: str, find: Find) -> tuple[Change, Policy, Requirement]:
    """What the change needs: the floor, or more where the change claims more.

    Raises:
        InvalidError: It contradicts itself, the policy or the floor.
        DocumentError: It is no change, or the policy none.
    """
    change, policy = parse_change(change_bytes), parse_policy(policy_bytes)
    if change.audience != audience:
        msg = f"The change is for {change.audience}, not for {audience}."
        raise InvalidError(msg)
    floor = requirement(change, policy)
    _check_policy(change, policy, canonical.sha256(policy_bytes), floor, find)
    if policy.environment not in {EVERYWHERE, change.environment}:
        msg = f"The policy is for {policy.environment}, not for {change.environment}."
        raise InvalidError(msg)
    for target in protected(change, policy):
        msg = f"{target} is protected: nothing may act on it."
        raise InvalidError(msg)
    _check_claim(change, floor)
    _check_windows(change, policy)
    tier = TIERS[max(rank(floor.tier), rank(change.tier))]
    people = max(floor.people, change.policy_people, LEAST_PEOPLE[tier])
    ceiling = min(rank(policy.auto_max_tier), rank("MEDIUM"))
    may_auto = floor.may_auto and change.policy_people == 0 and rank(tier) <= ceiling
    quorums = tuple(dict.fromkeys(quorum.raised_to(max(1, people)) for quorum in floor.quorums))
    return change, policy, replace(floor, tier=tier, people=people, may_auto=may_auto, quorums=quorums)


def _check_policy(change: Change, policy: Policy, digest: str, floor: Requirement, find: Find) -> None:
    """The policy of the change is the one in force, or one that this accepts and that asks for the same (H17)."""
    if change.policy_sha256 == digest and change.policy_version == policy.version:
        return
    older = find(change.policy_sha256) if change.policy_sha256 in policy.accepts else None
    if older is not None and canonical.sha256(older) == change.policy_sha256:
        try:
            then = parse_policy(older)
        except DocumentError:
            then = None
        if then is not None and then.version == change.policy_version and requirement(change, then) == floor:
            return
    msg = "The change was made under another policy than the one in force."
    raise InvalidError(msg)


def _check_claim(change: Change, floor: Requirement) -> None:
    if change.policy_people > MAX_PEOPLE:
        msg = f"The change asks for {change.policy_people} people; {MAX_PEOPLE} are the most."
        raise InvalidError(msg)
    if rank(change.tier) < rank(floor.tier):
        msg = f"The change claims to be {change.tier}, but {floor.sentence}"
        raise InvalidError(msg)
    automatic = floor.may_auto and change.policy_people == 0
    if change.policy_people < floor.people and not automatic:
        msg = f"The change claims to need {change.policy_people} people, but the limits ask for {floor.people}."
        raise InvalidError(msg)


def _check_windows(change: Change, policy: Policy) -> None:
    if not change.created_at <= change.expires_at <= change.execute_by or change.not_before > change.execute_by:
        msg = "The times of the change contradict each other."
        raise InvalidError(msg)
    for window in policy.windows:
        if window.tier != change.tier:
            continue
        if change.expires_at > later(change.created_at, window.collect_s):
            msg = f"The change collects signatures for longer than a {window.tier} one may."
            raise InvalidError(msg)
        if change.execute_by > later(change.created_at, window.collect_s + window.execute_s):
            msg = f"The change may start later than a {window.tier} one may."
            raise InvalidError(msg)
