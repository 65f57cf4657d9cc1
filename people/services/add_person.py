"""Make a person known to the console."""

import re
from collections.abc import Iterable

from django.db import transaction

from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from core.permissions import Permission
from people.models import Person, RoleGrant
from people.permissions import grants
from people.roles import checked_role, checked_scope

HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@transaction.atomic
def add_person(
    handle: str, name: str, roles: Iterable[str], *, actor: Actor, team: str = "", is_demo: bool = False
) -> Person:
    """Add a person with roles held everywhere. The ledger gets a random id; the name is a fact, which can be erased.

    Raises:
        NotPermittedError: The actor is neither an admin nor a command on this computer.
        BadInputError: The handle, the name, the team or a role is not of the form that is taken.
        WrongStateError: The handle is taken.
    """
    grants.require(Permission.PERSON_ADD, actor)
    wanted = sorted({checked_role(role) for role in roles})
    _check(handle, name, team)
    if Person.objects.filter(handle=handle).exists():
        detail = f"{handle} is taken. Choose another handle."
        raise WrongStateError(detail, handle=handle)

    person = Person.objects.create(handle=handle, name=name, team=team, is_demo=is_demo, created_at=clock.now())
    RoleGrant.objects.bulk_create([RoleGrant(person=person, role=role) for role in wanted])

    ledger.append(
        actor=actor,
        verb="person.added",
        subject=f"person:{person.pk}",
        facts={"handle": handle, "name": name, "roles": wanted, "team": team, "is_demo": is_demo},
    )
    return person


def _check(handle: str, name: str, team: str) -> None:
    if not HANDLE.fullmatch(handle):
        detail = f"{handle!r} is no handle. Use up to 60 lower-case letters, digits, dots, dashes and underscores."
        raise BadInputError(detail)
    if not name.strip() or len(name) > 120:
        detail = "A name has 1 to 120 characters."
        raise BadInputError(detail)
    if team:
        checked_scope(f"team:{team}")
