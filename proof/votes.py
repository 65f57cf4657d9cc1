"""Which signed statements count, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from proof import canonical
from proof.documents import Change, DocumentError, Policy, Statement, parse_statement, rank
from proof.envelope import SignatureError
from proof.keys import SERVICE, Key
from proof.limits import Requirement
from proof.registry import Registry
from proof.signatures import Verified, verify_sidecar
from proof.times import later

SKEW_S = 120
COOLED = "HIGH"


class NotCountedError(ValueError):
    """A statement that does not count; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What is voted on, by which rules, at what time."""

    change: Change
    change_sha256: str
    requirement: Requirement
    policy: Policy
    registry: Registry
    render_sha256: str
    now: str

    @property
    def interested(self) -> frozenset[str]:
        """Who proposed or shaped the change: they may say no to it, not yes."""
        proposer = {self.change.proposer_id} if self.change.proposer_kind == "person" else set()
        return frozenset(proposer) | frozenset(self.change.interested_persons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A key with which a person approved, and as what class it was used."""

    key_id: str
    key_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the statements come to.

    Attributes:
        approvals: by person, the approvals that stand.
        rejections, automatic: (person id, key id, decision); one rejection is enough, and stays.
        reasons: a sentence for each statement that does not count.
    """

    approvals: dict[str, list[Approval]] = field(default_factory=dict)
    rejections: list[tuple[str, str, str]] = field(default_factory=list)
    automatic: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def tally(ballot: Ballot, sidecars: Sequence[bytes]) -> Tally:
    """Go through the statements in the order given; the same statement counts once, whatever envelope it comes in."""
    result, seen = Tally(), set[str]()
    for sidecar in sidecars:
        try:
            verified = verify_sidecar(sidecar, ballot.registry)
            digest = canonical.sha256(verified.statement)
            if digest in seen:
                continue
            _count(ballot, verified, result)
            seen.add(digest)
        except (SignatureError, DocumentError, NotCountedError) as error:
            result.reasons.append(str(error))
    return result


def _count(ballot: Ballot, verified: Verified, result: Tally) -> None:
    statement = parse_statement(verified.statement)
    if statement.change_sha256 != ballot.change_sha256:
        msg = "A signed statement is about another change."
        raise NotCountedError(msg)
    if statement.key_id != verified.key_id:
        msg = "A signed statement names another key than the one that signed it."
        raise NotCountedError(msg)
    if statement.is_automatic:
        _check_automatic(ballot, verified, statement)
        result.automatic.append(("", verified.key_id, statement.decision))
        return
    key = _own_key(ballot, verified, statement)
    if statement.decision == "reject":
        result.rejections.append((statement.person_id, key.key_id, "reject"))
    elif statement.decision == "approve":
        _check_approval(ballot, key, verified.key_class, statement)
        result.approvals.setdefault(statement.person_id, []).append(
            Approval(key_id=key.key_id, key_class=verified.key_class)
        )
    else:
        result.approvals.pop(statement.person_id, None)


def _own_key(ballot: Ballot, verified: Verified, statement: Statement) -> Key:
    """The key of a person who may decide and owned it, unrevoked, when the statement was handed out."""
    person = ballot.registry.person(statement.person_id)
    if person is None or verified.person_id != statement.person_id:
        msg = f"A statement in the name of {statement.person_id} is signed with somebody else's key."
        raise NotCountedError(msg)
    if "approver" not in person.roles:
        msg = f"{statement.person_id} is not an approver."
        raise NotCountedError(msg)
    key = next(key for key in person.keys if key.key_id == verified.key_id)
    if key.revoked_at and key.revoked_at <= statement.issued_at:
        msg = f"The key of {statement.person_id} had been revoked when it decided."
        raise NotCountedError(msg)
    if key.enrolled_at > ballot.now:
        msg = f"The key of {statement.person_id} was enrolled later than this."
        raise NotCountedError(msg)
    return key


def _check_approval(ballot: Ballot, key: Key, key_class: str, statement: Statement) -> None:
    who, change = statement.person_id, ballot.change
    if who in ballot.interested:
        msg = f"{who} proposed or shaped this change; their approval does not count."
        raise NotCountedError(msg)
    if key.revoked_at and key.revoked_at <= ballot.now:
        msg = f"The key with which {who} approved has been revoked."
        raise NotCountedError(msg)
    if key_class not in ballot.requirement.classes:
        msg = f"{who} approved with a key of class {key_class}, which does not count for this."
        raise NotCountedError(msg)
    if statement.tier_seen != change.tier or statement.render_sha256 != ballot.render_sha256:
        msg = f"{who} was shown something else than this change."
        raise NotCountedError(msg)
    if rank(ballot.requirement.tier) >= rank(COOLED):
        ready = later(key.enrolled_at, ballot.policy.cool_down_s)
        if statement.issued_at < ready:
            msg = f"The key of {who} is too new; it may approve from {ready} on."
            raise NotCountedError(msg)
    _check_claims(ballot, statement, who)


def _check_claims(ballot: Ballot, statement: Statement, who: str) -> None:
    """What any approval must say, a person's or a service's."""
    change = ballot.change
    if statement.subject_name != f"change/{change.id}@{change.version}":
        msg = f"{who} approved under another name of the change."
        raise NotCountedError(msg)
    if statement.audience != change.audience:
        msg = f"{who} approved for another audience."
        raise NotCountedError(msg)
    if statement.policy_sha256 != change.policy_sha256:
        msg = f"{who} approved under another policy."
        raise NotCountedError(msg)
    if statement.registry_version > ballot.registry.version:
        msg = f"{who} approved under a newer registry than this."
        raise NotCountedError(msg)
    if not later(change.created_at, -SKEW_S) <= statement.issued_at <= change.expires_at:
        msg = f"{who} approved outside the time to collect signatures."
        raise NotCountedError(msg)
    if statement.issued_at > later(ballot.now, SKEW_S) or statement.expires_at < statement.issued_at:
        msg = f"The approval by {who} is dated wrongly."
        raise NotCountedError(msg)


def _check_automatic(ballot: Ballot, verified: Verified, statement: Statement) -> None:
    who = "The policy service"
    service = ballot.registry.service("policy")
    if verified.key_class != SERVICE or service is None or service.key_id != verified.key_id:
        msg = "An automatic decision is signed by another key than the policy service's."
        raise NotCountedError(msg)
    if not ballot.requirement.may_auto:
        msg = "Policy may not decide this alone."
        raise NotCountedError(msg)
    if service.audience != ballot.change.audience:
        msg = "The policy service may not speak to this executor."
        raise NotCountedError(msg)
    if not service.max_tier or rank(ballot.requirement.tier) > rank(service.max_tier):
        msg = f"The policy service may not decide {ballot.requirement.tier} changes."
        raise NotCountedError(msg)
    _check_claims(ballot, statement, who)
