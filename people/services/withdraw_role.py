"""Take a role back from a person."""

from django.db import transaction

from audit import ledger
from core import live
from core.actors import Actor
from core.errors import WrongStateError
from core.permissions import Permission
from people.models import Person, RoleGrant
from people.permissions import grants
from people.roles import checked_role, checked_scope
from people.selectors import locked_person


@transaction.atomic
def withdraw_role(handle: str, role: str, *, actor: Actor, scope: str = "") -> Person:
    """Withdraw a role; what it counted for in a quorum ends with the next version of the signed registry.

    Raises:
        NotFoundError: Nobody active has that handle.
        NotPermittedError: The actor may not, or it is their own.
        BadInputError: There is no such role, or the scope is not written like one.
        WrongStateError: The person does not hold it.
    """
    person = locked_person(handle)
    grants.require(Permission.ROLE_GRANT, actor, person)
    role, scope = checked_role(role), checked_scope(scope)
    gone, _ = RoleGrant.objects.filter(person=person, role=role, scope=scope, source="").delete()
    if not gone:
        detail = f"{handle} does not hold {role}{' for ' + scope if scope else ''}."
        raise WrongStateError(detail, role=role, scope=scope)

    facts = {"role": role, "scope": scope, "handle": person.handle}
    ledger.append(actor=actor, verb="role.withdrawn", subject=f"person:{person.pk}", facts=facts)
    live.changed("people")
    return person
