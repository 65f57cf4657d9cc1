"""Enter the services of a CMDB into the catalogue."""

from dataclasses import dataclass

from connectors.models import Connection
from connectors.servicenow import cmdb
from connectors.servicenow.query import equals
from connectors.ticketing import servicenow
from core.actors import Actor
from core.permissions import Permission
from incidents.models import Dependency, Service
from incidents.permissions import grants
from incidents.services.register_service import described, register_service

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
    asked = [equals("operational_status", cmdb.OPERATIONAL)]
    rows = service.find(cmdb.SERVICES, asked, fields=cmdb.FIELDS, order=["name"], most=MOST + 1)
    found, left = cmdb.services(rows[:MOST], connection.environment)
    if len(rows) > MOST:
        left.append(f"There are more than {MOST:,} services; the rest was not read.")
    slugs = {one.sys_id: one.slug for one in found}
    done: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
    for one in found:
        relations = service.find(cmdb.RELATIONS, [equals("parent", one.sys_id)], fields=cmdb.ENDS)
        needed, other = cmdb.needs(relations, slugs)
        if other:
            left.append(f"{other} relations of {one.slug} are no dependencies on services that were found.")
        done[_enter(one, needed, actor=actor, dry=dry)].append(one.slug)
    return Imported(left=tuple(left), **{name: tuple(which) for name, which in done.items()})


def _enter(one: cmdb.Found, needed: set[str], *, actor: Actor, dry: bool) -> str:
    """Register one; whether it was new, changed or the same."""
    known = Service.objects.filter(slug=one.slug).first()
    called = set(Dependency.objects.filter(caller=one.slug).values_list("callee", flat=True))
    told = {"name": one.name, "criticality": one.criticality}
    told |= {"environment": one.environment} if one.environment else {}
    told |= {"team": one.team} if one.team else {}
    wanted = called | (needed - {one.slug})
    if known is not None and wanted == called and all(getattr(known, name) == value for name, value in told.items()):
        return "same"
    if not dry:
        register_service(described(one.slug, **told, depends_on=sorted(wanted)), actor=actor)
    return "new" if known is None else "changed"
