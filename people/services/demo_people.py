"""The people of the embedded mode, so that a newcomer can try every role."""

from django.conf import settings
from django.db import transaction

from core.actors import Actor, Role
from core.errors import NotPermittedError
from people.models import Person
from people.services.add_person import add_person

DEMO_PEOPLE = {
    "owner": ("Oda Owner", (Role.ADMIN, Role.KEY_ADMIN, Role.APPROVER, Role.OPERATOR, Role.MANAGER)),
    "operator": ("Ada Operator", (Role.OPERATOR,)),
    "approver1": ("Ben Approver", (Role.APPROVER, Role.OPERATOR)),
    "approver2": ("Cleo Approver", (Role.APPROVER, Role.OPERATOR)),
    "approver3": ("Eve Approver", (Role.APPROVER, Role.OPERATOR)),
    "manager": ("Dan Manager", (Role.MANAGER,)),
}


@transaction.atomic
def add_demo_people(*, actor: Actor) -> list[Person]:
    """Add those of the demo people that do not exist yet, and return all of them.

    Raises:
        NotPermittedError: Not in the embedded mode.
    """
    if not settings.EMBEDDED:
        detail = "Demo people exist in the embedded mode only: one human being could hold all their keys."
        raise NotPermittedError(detail)
    there = set(Person.objects.filter(handle__in=DEMO_PEOPLE).values_list("handle", flat=True))
    for handle, (name, roles) in DEMO_PEOPLE.items():
        if handle not in there:
            add_person(handle, name, roles, actor=actor, is_demo=True)
    return list(Person.objects.filter(handle__in=DEMO_PEOPLE).order_by("created_at"))
