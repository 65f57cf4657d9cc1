"""Give a person a role, everywhere or in a part."""

from django.db import transaction

from audit import ledger
from core import live
from core.actors import Actor
from core.permissions import Permission
from people.models import Person, RoleGrant
from people.permissions import grants
from people.roles import checked_role, checked_scope
from people.selectors import locked_person


@transaction.atomic
def grant_role(handle: str, role: str, *, actor: Actor, scope: str = "") -> Person:
    """Grant a role; what it counts for in a quorum follows with the next version of the signed registry.

    Args:
        handle: whose.
        role: one of `Role`.
        scope: empty for everywhere, `team:<slug>`, or `service:<env>/<slug>`.
        actor: an admin who is somebody else, or a command on this computer.

    Raises:
        NotFoundError: Nobody active has that handle.
        NotPermittedError: The actor may not, or it is their own.
        BadInputError: There is no such role, or the scope is not written like one.
    """
    person = locked_person(handle)
    grants.require(Permission.ROLE_GRANT, actor, person)
    role, scope = checked_role(role), checked_scope(scope)
    _, made = RoleGrant.objects.get_or_create(person=person, role=role, scope=scope, source="")
    if not made:
        return person

    facts = {"role": role, "scope": scope, "handle": person.handle}
    ledger.append(actor=actor, verb="role.granted", subject=f"person:{person.pk}", facts=facts)
    live.changed("people")
    return person
