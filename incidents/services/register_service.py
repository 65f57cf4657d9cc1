"""Put a service into the catalogue, or bring its entry up to date."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction

from audit import ledger
from core import live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from incidents.autonomy import LEVELS
from incidents.models import Dependency, Service
from incidents.permissions import grants

CRITICALITIES = ("critical", "important", "normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """What the catalogue holds about a service; see `incidents.models.Service` for the meaning of each field.

    Attributes:
        depends_on: slugs of the services that it calls; replaces what was known.
    """

    slug: str
    name: str
    environment: str = ""
    criticality: str = "normal"
    autonomy: str = "observe"
    stateless: bool = False
    team: str = ""
    factors: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Any] = field(default_factory=dict)
    signals: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The values of the service's row, without its slug."""
        names = ("name", "environment", "criticality", "autonomy", "stateless", "team")
        plain = {name: getattr(self, name) for name in names}
        return plain | {name: dict(getattr(self, name)) for name in ("factors", "targets", "signals")}


def described(slug: str, **told: Any) -> ServiceEntry:  # noqa: ANN401 -- values of the entry's fields
    """An entry with these fields; what is not told stays as the catalogue knows it."""
    known = Service.objects.filter(slug=slug).first()
    if known is None:
        return ServiceEntry(slug=slug, **{"name": slug, **_listed(told)})
    called = Dependency.objects.filter(caller=slug).values_list("callee", flat=True)
    kept = {one.name: getattr(known, one.name) for one in fields(ServiceEntry) if one.name != "depends_on"}
    return ServiceEntry(**{**kept, "depends_on": tuple(called), **_listed(told)})


def _listed(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "depends_on": tuple(told["depends_on"])} if "depends_on" in told else told


@transaction.atomic
def register_service(entry: ServiceEntry, *, actor: Actor) -> Service:
    """Upsert a service by its slug, with its dependencies. Registering the same again writes nothing.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        BadInputError: A criticality or an autonomy that does not exist.
    """
    service = Service.objects.select_for_update().filter(slug=entry.slug).first()
    grants.require(Permission.SERVICE_REGISTER, actor, service)
    if entry.criticality not in CRITICALITIES or entry.autonomy not in LEVELS:
        detail = f"A service is {', '.join(CRITICALITIES)} and its autonomy one of {', '.join(LEVELS)}."
        raise BadInputError(detail, slug=entry.slug)

    wanted = entry.columns()
    callees = set(entry.depends_on) - {entry.slug}
    known = set(Dependency.objects.filter(caller=entry.slug).values_list("callee", flat=True))
    if service is not None and callees == known and all(getattr(service, key) == wanted[key] for key in wanted):
        return service

    service, created = Service.objects.update_or_create(slug=entry.slug, defaults=wanted)
    Dependency.objects.filter(caller=entry.slug).exclude(callee__in=callees).delete()
    for callee in sorted(callees - known):
        Dependency.objects.get_or_create(caller=entry.slug, callee=callee)

    facts = {
        "autonomy": entry.autonomy,
        "criticality": entry.criticality,
        "depends_on": sorted(callees),
        "new": created,
    }
    ledger.append(actor=actor, verb="service.registered", subject=f"service:{entry.slug}", facts=facts)
    live.changed("queue", f"service:{entry.slug}")
    return service
