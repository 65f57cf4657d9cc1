"""Who may not sign a change, and why; for pages, before anybody tries."""

from proof.case import Case
from proof.documents import rank
from proof.keys import SSH_SK, SSH_SK_UV, Key
from proof.registry import Person
from proof.times import later
from proof.votes import COOLED, DEVICES


def barred(case: Case) -> dict[str, str]:
    """Person id to a sentence, for everybody in the registry whose approval would not count now."""
    found = {person.person_id: _why_not(case, person) for person in case.ballot.registry.persons}
    return {person: why for person, why in found.items() if why}


def concerned(case: Case) -> tuple[tuple[str, str], ...]:
    """The same, for those alone whom one could have thought of: people with a right to decide."""
    return tuple((who, why) for who, why in sorted(barred(case).items()) if case.ballot.may_decide(who))


def _why_not(case: Case, person: Person) -> str:
    ballot, who = case.ballot, person.person_id
    if not any(ballot.registry.in_group(who, group) for group in ballot.requirement.groups):
        return f"{who} is not an approver, nor in a group that this needs."
    if person.expires_at and ballot.now >= person.expires_at:
        return f"{who} was to be confirmed by {person.expires_at}, and was not."
    if ballot.registry.canonical_person(who) in case.authority.interested and not ballot.policy.solo:
        return _interest(case, who)
    return _keys(case, person)


def _interest(case: Case, who: str) -> str:
    if case.ballot.registry.canonical_person(who) in case.authority.shaped:
        return f"{who} proposed or shaped this change; they may reject it."
    return f"{who} may sign for somebody who proposed or shaped this change; they may reject it."


def _keys(case: Case, person: Person) -> str:
    ballot, who = case.ballot, person.person_id
    active = [key for key in person.keys if not case.authority.revocations.by_now(key)]
    if not active:
        return f"{who} has no key left that is enrolled."
    usable = [key for key in active if _possible(key) & ballot.requirement.classes]
    if ballot.tier in ballot.policy.device_bound:
        usable = [key for key in usable if key.device_bound or key.key_class in DEVICES]
    if not usable:
        return f"{who} has no key of a class that counts: {', '.join(sorted(ballot.requirement.classes))}."
    ready = min(later(key.enrolled_at, ballot.policy.cool_down_s) for key in usable)
    if rank(ballot.tier) >= rank(COOLED) and ballot.now < ready:
        return f"The key of {who} is too new; it may approve from {ready} on."
    return ""


def _possible(key: Key) -> set[str]:
    """The classes of the signatures that a key can make: a security key may check its user when it signs."""
    return {SSH_SK, SSH_SK_UV} if key.key_class in DEVICES else {key.key_class}
