"""Who may add people, grant them roles, and give them the means to come in."""

from core.actors import Actor, Role
from core.permissions import Grants, Permission, has_role_everywhere, is_the_host
from people.models import Person

is_admin = has_role_everywhere(Role.ADMIN)


def is_the_person(actor: Actor, person: object) -> bool:
    """The person whom it is about."""
    return isinstance(person, Person) and actor.id == f"person:{person.pk}" and person.is_active


def is_somebody_else(actor: Actor, person: object) -> bool:
    """Anybody but the person whom it is about: nobody gives themselves a role."""
    return isinstance(person, Person) and actor.id != f"person:{person.pk}"


# Nobody makes a link, a token or a sign-in key for somebody else from within the console: it would be a way to act
# as them.
grants = Grants(
    {
        Permission.PERSON_ADD: [[is_the_host], [is_admin]],
        Permission.PERSON_DEACTIVATE: [[is_the_host], [is_admin, is_somebody_else]],
        Permission.PERSON_LINK: [[is_the_host], [is_admin, is_somebody_else]],
        Permission.PERSON_READ: [[is_the_host], [is_admin]],
        Permission.ROLE_GRANT: [[is_the_host], [is_admin, is_somebody_else]],
        Permission.SESSION_END: [[is_the_host], [is_the_person], [is_admin]],
        Permission.SIGN_IN_KEY_ADD: [[is_the_person]],
        Permission.SIGN_IN_LINK_MAKE: [[is_the_host]],
        Permission.TOKEN_ADD: [[is_the_host], [is_the_person]],
    }
)
