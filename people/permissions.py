"""Who may add people, and give them the means to come in."""

from core.actors import SYSTEM, Actor, Role
from core.permissions import Grants, Permission, has_role
from people.models import Person


def is_the_host(actor: Actor, _obj: object) -> bool:
    """A command that somebody runs on this computer, who could as well write the database."""
    return actor.id == SYSTEM.id


def is_the_person(actor: Actor, person: object) -> bool:
    """The person whom it is about."""
    return isinstance(person, Person) and actor.id == f"person:{person.pk}" and person.is_active


# Nobody makes a link or a token for somebody else from within the console: it would be a way to act as them.
grants = Grants(
    {
        Permission.PERSON_ADD: [[is_the_host], [has_role(Role.OWNER)]],
        Permission.SIGN_IN_LINK_MAKE: [[is_the_host]],
        Permission.TOKEN_ADD: [[is_the_host], [is_the_person]],
    }
)
