"""What key-admins ask of the registry: renew, groups, leavers, and the ceremony that hands the root to people."""

from django.db import transaction

from approvals import edits, registry, roots
from approvals import registry_documents as documents
from approvals.models import Draft
from approvals.permissions import grants
from approvals.services.open_draft import open_draft
from audit import witnesses
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission
from people.models import Person
from proof.documents.fields import SLUG
from proof.keys import KeyFormatError, key_id_of
from proof.registry import Registry

MOST_GROUPS = 40
TOGETHER = 2


@transaction.atomic
def renew_person(person: Person, *, actor: Actor) -> Draft:
    """Ask that a person's entry stand for 90 more days; whoever co-signs says that they are still here.

    Raises:
        NotPermittedError: The actor is no key-admin, nor the person.
        NotFoundError: The registry does not list them.
    """
    if actor.id != f"person:{person.pk}":
        grants.require(Permission.REGISTRY_EDIT, actor)
    until = clock.rfc3339(clock.now() + documents.STANDS_FOR)
    return open_draft([edits.renew(person.pk, until)], actor=actor, why="person.renewed")


@transaction.atomic
def set_groups(person: Person, names: list[str], *, actor: Actor) -> Draft:
    """Ask that a person be in these groups and no others; groups of sign-in can only take rights away.

    Raises:
        NotPermittedError: The actor is no key-admin.
        BadInputError: A name is not of the form of one.
        NotFoundError: The registry does not list them.
    """
    grants.require(Permission.REGISTRY_EDIT, actor)
    wanted = sorted({name.strip() for name in names if name.strip()})
    wrong = [name for name in wanted if not SLUG.match(name)]
    if wrong or len(wanted) > MOST_GROUPS:
        detail = f"{wrong[0]!r} is no group's name." if wrong else f"{MOST_GROUPS} groups are enough for one person."
        raise BadInputError(detail)
    return open_draft([edits.groups(person.pk, wanted)], actor=actor, why="registry.groups")


@transaction.atomic
def bring_in_step(person: Person, *, actor: Actor, why: str) -> Draft | None:
    """Ask that the registry say of a person what the ledger says: their roles, their team, or that they have left.

    Returns:
        The draft; None if it says so already, or does not list them and need not.
    """
    listed = registry.current().person(person.pk)
    if listed is None:
        return None
    if not person.is_active:
        gone = not listed.roles and not listed.groups and all(key.status != "active" for key in listed.keys)
        return None if gone else open_draft([edits.leave(person.pk)], actor=actor, why=why)
    edit = documents.person_edit(person)
    if (sorted(listed.roles), listed.team) == (edit["roles"], edit["team"]):
        return None
    return open_draft([edit], actor=actor, why=why)


@transaction.atomic
def link_persons(person_id: str, same_as: str, *, actor: Actor) -> Draft | None:
    """Ask that two entries count as one human being.

    Returns:
        The draft; None if one of them is not listed, so that there is nothing to count.
    """
    found = registry.current()
    if found.person(person_id) is None or found.person(same_as) is None:
        return None
    return open_draft([edits.same(person_id, same_as)], actor=actor, why="person.linked")


@transaction.atomic
def hand_root_over(*, actor: Actor, recovery: str = "", threshold: int = 0) -> Draft:
    """Ask that the root be the key-admins: two of them together, or one with a recovery key while there is but one.

    The keys of the new root must sign this too, so that nobody hands it to somebody who cannot sign.

    Args:
        actor: a key-admin, or a command on this computer.
        recovery: the public recovery key as PEM; empty for none, or for the one that there is.
        threshold: how many of them; 0 for two where there are two. What is in force never falls without its own say.

    Raises:
        NotPermittedError: The actor is no key-admin.
        BadInputError: The recovery key is not one.
        RefusedError: There are too few key-admins with keys that may be of a root.
    """
    grants.require(Permission.REGISTRY_EDIT, actor)
    found = registry.current()
    recovery_key_id = _recovery_id(recovery, found) if recovery else ""
    people = {found.canonical_person(person_id) for person_id in found.admins() if _has_key(found, person_id)}
    signers = len(people) + bool(recovery or roots.has_recovery_key(found))
    wanted = threshold or (TOGETHER if len(people) >= TOGETHER else 1)
    if signers < TOGETHER or wanted > signers:
        detail = (
            f"There are {len(people)} key-admins with a key of their own. It takes two, or one with a recovery key: "
            "whoever loses the only key would lose the registry."
        )
        raise RefusedError(detail)
    asked = edits.root(wanted, recovery=recovery, recovery_key_id=recovery_key_id)
    return open_draft([asked], actor=actor, why="registry.threshold")


@transaction.atomic
def list_witnesses(required: int, *, actor: Actor) -> Draft:
    """Ask that the registry name the witnesses of the setting WITNESSES, by which executor and auditors know them.

    Args:
        required: how many of them must have signed the head of an export; a policy says how many a change needs.
        actor: a key-admin, or a command on this computer.

    Raises:
        NotPermittedError: The actor is no key-admin.
        BadInputError: More are required than there are.
    """
    grants.require(Permission.REGISTRY_EDIT, actor)
    there = len(witnesses.configured())
    if not 0 <= required <= there:
        detail = f"The setting WITNESSES names {there}; require at most so many."
        raise BadInputError(detail)
    return open_draft([edits.witnesses(required, witnesses.keys())], actor=actor, why="registry.witnesses")


def _has_key(found: Registry, person_id: str) -> bool:
    person = found.person(person_id)
    return person is not None and any(key.status == "active" for key in person.keys)


def _recovery_id(recovery: str, found: Registry) -> str:
    try:
        key_id = key_id_of(recovery)
    except KeyFormatError as error:
        detail = f"This is not a recovery key's public half: {error}"
        raise BadInputError(detail) from error
    if not recovery.startswith("-----") or found.key(key_id) is not None:
        detail = "A recovery key is a new Ed25519 key that nobody holds for anything else."
        raise BadInputError(detail)
    return key_id
