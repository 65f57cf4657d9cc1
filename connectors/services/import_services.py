"""Enter the services of a CMDB into the catalogue, in one go."""

from dataclasses import dataclass

from connectors.importing import difference, enter, needs_there, services_there
from connectors.models import Connection
from connectors.ticketing import servicenow
from core.actors import Actor
from core.permissions import Permission
from incidents.permissions import grants

MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do.

    Attributes:
        new, changed, same: slugs.
        left: sentences about what was not taken.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    left: tuple[str, ...]


def import_services(connection: Connection, *, actor: Actor, dry: bool = False) -> Imported:
    """Read operational services and what they depend on, and register each; safe to repeat, and to break off.

    Name, environment, criticality and team are the CMDB's. What it does not hold stays as it is: what agents may do,
    where actions land, how a service is measured. Dependencies are added and never taken away, since the CMDB is not
    the only one that knows some.

    Args:
        connection: to ServiceNow.
        actor: who enters them.
        dry: only say what would be done.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        TicketError: It refused, or cannot now.
    """
    grants.require(Permission.SERVICE_REGISTER, actor)
    service = servicenow(connection)
    found, left = services_there(service, connection.environment, MOST)
    slugs = {one.sys_id: one.slug for one in found}
    done: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
    for one in found:
        needed, said = needs_there(service, one, slugs)
        left += said
        changed = difference(one, needed) if dry else enter(one, needed, actor=actor)
        done[changed.kind].append(one.slug)
    return Imported(left=tuple(left), **{name: tuple(which) for name, which in done.items()})
