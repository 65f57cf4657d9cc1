"""Which signed statements count, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from proof.authority import Authority
from proof.ballot import SKEW_S, Ballot
from proof.delegation import Delegation
from proof.documents import Act, DocumentError, Statement, rank
from proof.envelope import SignatureError
from proof.keys import SERVICE, SSH_SK, SSH_SK_UV, Key
from proof.lattice import UncheckableError
from proof.registry_document import OVERRIDE_ROLE
from proof.signatures import Verified
from proof.signed import Claimed, NotCountedError, verified
from proof.times import later

COOLED = "HIGH"
REJECT, APPROVE = "reject", "approve"
DEVICES = frozenset({SSH_SK, SSH_SK_UV})
"""Classes of keys that cannot leave their device by what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A signature with which somebody approved.

    Attributes:
        signer_id: the person, as signed.
        key_class: of the signature as it was made.
        lent: the delegation under which it was given; None for the signer's own right.
    """

    signer_id: str
    key_id: str
    key_class: str
    lent: Delegation | None


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the statements come to.

    Attributes:
        approvals: by person who counts, the approvals that stand.
        stances: by person who counts, their latest decision that counts.
        rejections: (person id, key id, decision); `denials` the digests of the statements that said so.
        denied: whether there were ever rejections enough; that stays.
        automatic, overrides: statements of the policy service, and of people who take it on themselves.
        reasons: a sentence for each statement that does not count.
        uncheckable: whether one could not be checked here.
    """

    approvals: dict[str, list[Approval]] = field(default_factory=dict)
    stances: dict[str, str] = field(default_factory=dict)
    rejections: list[tuple[str, str, str]] = field(default_factory=list)
    denials: list[str] = field(default_factory=list)
    denied: bool = False
    automatic: list[Statement] = field(default_factory=list)
    overrides: list[tuple[Claimed, Verified]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    uncheckable: bool = False


def tally(ballot: Ballot, claims: Sequence[Claimed], holds: Authority) -> Tally:
    """Go through the statements in the order of the ledger; the same one counts once, whatever envelope it comes in."""
    result, seen = Tally(), set[str]()
    for claimed in claims:
        if isinstance(claimed.said, Act) or claimed.sha256 in seen:
            continue
        try:
            found = _verified(ballot, claimed)
            seen.add(claimed.sha256)
            _count(ballot, claimed, found, holds, result)
        except UncheckableError as error:
            result.uncheckable = True
            result.reasons.append(str(error))
        except (SignatureError, DocumentError, NotCountedError) as error:
            result.reasons.append(str(error))
    return result


def _verified(ballot: Ballot, claimed: Claimed) -> Verified:
    statement = claimed.said
    if not isinstance(statement, Statement) or statement.change_sha256 != ballot.subject_sha256:
        msg = "A signed statement is about another change."
        raise NotCountedError(msg)
    return verified(claimed, ballot.registry)


def _count(ballot: Ballot, claimed: Claimed, found: Verified, holds: Authority, result: Tally) -> None:
    statement = claimed.said
    if not isinstance(statement, Statement):
        return
    if statement.is_automatic:
        _check_service(ballot, found, statement)
        result.automatic.append(statement)
        return
    key = _own_key(ballot, claimed, found, holds)
    if statement.is_override:
        check_approval(ballot, claimed, found, holds, lent=None)
        result.overrides.append((claimed, found))
        return
    person = ballot.registry.canonical_person(statement.person_id)
    if statement.decision == REJECT:
        result.rejections.append((statement.person_id, key.key_id, REJECT))
        result.denials.append(claimed.sha256)
        _withdraw(result, person)
        result.stances[person] = REJECT
        result.denied = result.denied or _is_denied(ballot, result)
    elif statement.decision == APPROVE:
        lent = _lent(statement, person, holds)
        check_approval(ballot, claimed, found, holds, lent=lent)
        approval = Approval(signer_id=statement.person_id, key_id=key.key_id, key_class=found.key_class, lent=lent)
        result.approvals.setdefault(person, []).append(approval)
        result.stances[person] = APPROVE
    else:
        _withdraw(result, person)
        result.stances[person] = statement.decision


def _withdraw(result: Tally, person: str) -> None:
    """Take back what a person approved, and what others approved with the right that this person lent them."""
    result.approvals.pop(person, None)
    for taker, given in list(result.approvals.items()):
        kept = [approval for approval in given if approval.lent is None or approval.lent.giver != person]
        if kept:
            result.approvals[taker] = kept
        else:
            del result.approvals[taker]


def _is_denied(ballot: Ballot, result: Tally) -> bool:
    """Whether there are rejections enough now, or one by somebody who may veto."""
    against = [person for person, stance in result.stances.items() if stance == REJECT]
    signers = [who for who, _, _ in result.rejections if ballot.registry.canonical_person(who) in against]
    veto = any(ballot.registry.in_group(who, group) for who in signers for group in ballot.policy.deny.veto_groups)
    return veto or len(against) >= ballot.policy.deny.threshold


def _own_key(ballot: Ballot, claimed: Claimed, found: Verified, holds: Authority) -> Key:
    """The key of a person who may decide and owned it, unrevoked, when the ledger took the statement in."""
    who = claimed.person_id
    person, key = ballot.registry.person(who), ballot.registry.key(found.key_id)
    if person is None or key is None:
        msg = f"A statement in the name of {who} is signed with somebody else's key."
        raise NotCountedError(msg)
    by_role = claimed.said.is_override if isinstance(claimed.said, Statement) else False
    if not ballot.may_decide(who) and not (by_role and OVERRIDE_ROLE in person.roles):
        msg = f"{who} is not an approver."
        raise NotCountedError(msg)
    if person.expires_at and claimed.said.issued_at >= person.expires_at:
        msg = f"{who} was to be confirmed by {person.expires_at}, and was not."
        raise NotCountedError(msg)
    if holds.revocations.before(key, claimed):
        msg = f"The key of {who} had been revoked when it decided."
        raise NotCountedError(msg)
    if key.enrolled_at > ballot.now:
        msg = f"The key of {who} was enrolled later than this."
        raise NotCountedError(msg)
    return key


def _lent(statement: Statement, person: str, holds: Authority) -> Delegation | None:
    if not statement.delegation:
        return None
    lent = holds.lent(statement.delegation)
    if lent is None or lent.taker != person or statement.issued_at < lent.not_before:
        msg = f"{statement.person_id} signed for somebody who has not lent them that right."
        raise NotCountedError(msg)
    return lent


def check_approval(
    ballot: Ballot, claimed: Claimed, found: Verified, holds: Authority, *, lent: Delegation | None
) -> None:
    """What any approval by a person must fulfil, an override's too.

    Raises:
        NotCountedError: It does not; the sentence says why.
    """
    statement, who = claimed.said, claimed.person_id
    key = ballot.registry.key(found.key_id)
    if key is None or not isinstance(statement, Statement):
        return
    if not ballot.policy.solo:
        _check_disinterested(ballot, who, lent, holds)
    person = ballot.registry.person(who)
    if person is not None and person.expires_at and ballot.now >= person.expires_at:
        msg = f"{who} was to be confirmed by {person.expires_at}, and was not."
        raise NotCountedError(msg)
    _check_key(ballot, claimed, key, found.key_class, holds)
    if statement.tier_seen != ballot.tier_shown or statement.render_sha256 != ballot.render_sha256:
        msg = f"{who} was shown something else than this change."
        raise NotCountedError(msg)
    if rank(ballot.tier) >= rank(COOLED) or statement.is_override:
        ready = later(key.enrolled_at, ballot.policy.cool_down_s)
        if statement.issued_at < ready:
            msg = f"The key of {who} is too new; it may approve from {ready} on."
            raise NotCountedError(msg)
    check_claims(ballot, statement, who)


def _check_disinterested(ballot: Ballot, who: str, lent: Delegation | None, holds: Authority) -> None:
    person = ballot.registry.canonical_person(who)
    if person in holds.shaped:
        msg = f"{who} proposed or shaped this change; their approval does not count."
        raise NotCountedError(msg)
    if {person, *([lent.giver] if lent else [])} & holds.interested:
        msg = f"{who} signs for somebody who proposed or shaped this change; their approval does not count."
        raise NotCountedError(msg)


def _check_key(ballot: Ballot, claimed: Claimed, key: Key, key_class: str, holds: Authority) -> None:
    who = claimed.person_id
    if holds.revocations.by_now(key) or holds.revocations.is_void(key, claimed):
        msg = f"The key with which {who} approved has been revoked."
        raise NotCountedError(msg)
    override = isinstance(claimed.said, Statement) and claimed.said.is_override
    if key_class not in ballot.requirement.classes and not override:
        msg = f"{who} approved with a key of class {key_class}, which does not count for this."
        raise NotCountedError(msg)
    if ballot.tier in ballot.policy.device_bound and not (key.device_bound or key_class in DEVICES):
        msg = f"{who} approved with a key that can leave its device, which does not count for what is {ballot.tier}."
        raise NotCountedError(msg)


def check_claims(ballot: Ballot, statement: Statement, who: str) -> None:
    """What any approval must say, a person's or a service's.

    Raises:
        NotCountedError: It says something else.
    """
    if statement.subject_name != ballot.subject_name:
        msg = f"{who} approved under another name of the change."
        raise NotCountedError(msg)
    if statement.audience != ballot.audience:
        msg = f"{who} approved for another audience."
        raise NotCountedError(msg)
    if statement.policy_sha256 != ballot.policy_sha256:
        msg = f"{who} approved under another policy."
        raise NotCountedError(msg)
    if statement.registry_version > ballot.registry.version:
        msg = f"{who} approved under a newer registry than this."
        raise NotCountedError(msg)
    if not ballot.opened_at <= statement.issued_at <= ballot.closes_at:
        msg = f"{who} approved outside the time to collect signatures."
        raise NotCountedError(msg)
    if statement.issued_at > later(ballot.now, SKEW_S) or statement.expires_at < statement.issued_at:
        msg = f"The approval by {who} is dated wrongly."
        raise NotCountedError(msg)


def _check_service(ballot: Ballot, found: Verified, statement: Statement) -> None:
    service = ballot.registry.service("policy")
    if found.key_class != SERVICE or service is None or service.key_id != found.key_id:
        msg = "An automatic decision is signed by another key than the policy service's."
        raise NotCountedError(msg)
    if not ballot.requirement.may_auto and not statement.standing:
        msg = "Policy may not decide this alone."
        raise NotCountedError(msg)
    if service.audience != ballot.audience:
        msg = "The policy service may not speak to this executor."
        raise NotCountedError(msg)
    if not service.max_tier or rank(ballot.tier) > rank(service.max_tier):
        msg = f"The policy service may not decide {ballot.tier} changes."
        raise NotCountedError(msg)
    check_claims(ballot, statement, "The policy service")
