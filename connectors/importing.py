"""What importing services is made of: what the CMDB says, and what entering it into the catalogue changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.servicenow import cmdb
from connectors.servicenow.client import ServiceNow
from connectors.servicenow.query import equals
from core.actors import Actor
from incidents.models import Dependency, Service
from incidents.services.register_service import described, register_service


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What entering a service does.

    Attributes:
        kind: new, changed or same.
        what: what changes, in a few words each.
    """

    kind: str
    what: tuple[str, ...] = ()


def services_there(service: ServiceNow, environment: str, most: int) -> tuple[list[cmdb.Found], list[str]]:
    """The operational services, and a sentence for each that is not taken.

    Raises:
        TicketError: It refused, or cannot now.
    """
    asked = [equals("operational_status", cmdb.OPERATIONAL)]
    rows = service.find(cmdb.SERVICES, asked, fields=cmdb.FIELDS, order=["name"], most=most + 1)
    found, left = cmdb.services(rows[:most], environment)
    if len(rows) > most:
        left.append(f"There are more than {most:,} services; the rest was not read.")
    return found, left


def needs_there(service: ServiceNow, one: cmdb.Found, slugs: Mapping[str, str]) -> tuple[set[str], list[str]]:
    """Slugs of the services that one depends on, and a sentence about relations that say something else.

    Raises:
        TicketError: It refused, or cannot now.
    """
    relations = service.find(cmdb.RELATIONS, [equals("parent", one.sys_id)], fields=cmdb.ENDS)
    needed, other = cmdb.needs(relations, slugs)
    said = "1 relation of {} is no dependency" if other == 1 else f"{other} relations of {{}} are no dependencies"
    left = [f"{said.format(one.slug)} on services that were found."] if other else []
    return needed - {one.slug}, left


def difference(one: cmdb.Found, needed: set[str]) -> Difference:
    """What entering it would do now."""
    known = Service.objects.filter(slug=one.slug).first()
    if known is None:
        return Difference(kind="new")
    told = {name: (str(getattr(known, name)), value) for name, value in _told(one).items()}
    what = [f"{name} {old or 'none'} becomes {new}" for name, (old, new) in told.items() if old != new]
    more = needed - _called(one.slug)
    what += [f"depends also on {', '.join(sorted(more))}"] if more else []
    return Difference(kind="changed" if what else "same", what=tuple(what))


def enter(one: cmdb.Found, needed: set[str], *, actor: Actor) -> Difference:
    """Register it where that changes something, and say what it changed."""
    found = difference(one, needed)
    if found.kind != "same":
        wanted = sorted(_called(one.slug) | needed)
        register_service(described(one.slug, **_told(one), depends_on=wanted), actor=actor)
    return found


def _told(one: cmdb.Found) -> dict[str, str]:
    """What the CMDB holds of it; what it leaves empty stays as it is here."""
    told = {"name": one.name, "environment": one.environment, "criticality": one.criticality, "team": one.team}
    return {name: value for name, value in told.items() if value}


def _called(slug: str) -> set[str]:
    return set(Dependency.objects.filter(caller=slug).values_list("callee", flat=True))
