"""Which services an incident is looked at through, and with which numbers."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from agents import runbooks
from connectors.models import Connection
from incidents import topology
from incidents.models import Incident, Service

MAX_SERVICES = 8
MAX_DISTANCE = 3
MORE_DATA_HELPS_FOR = 1.5
"""Looking again for longer than this many windows brings nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """A service in scope; `distance` is how many calls lie between the symptom and it."""

    service: Service
    distance: int


def services_of(incident: Incident) -> list[Scoped]:
    """The incident's services and those they call, nearest first."""
    named = [slug for slug in dict.fromkeys([incident.service, *incident.services]) if slug]
    graph = topology.graph()
    distance = dict.fromkeys(named, 0)
    queue = deque(named)
    while queue:
        slug = queue.popleft()
        if slug not in graph or distance[slug] == MAX_DISTANCE:
            continue
        for callee in sorted(graph.successors(slug)):
            if callee not in distance:
                distance[callee] = distance[slug] + 1
                queue.append(callee)
    known = {service.slug: service for service in Service.objects.filter(slug__in=distance)}
    nearest = sorted(distance, key=lambda slug: distance[slug])
    return [Scoped(service=known[slug], distance=distance[slug]) for slug in nearest if slug in known][:MAX_SERVICES]


def numbers(environment: str) -> dict[str, float]:
    """The parameters of all runbooks, the widest window winning, then the environment's own."""
    merged: dict[str, float] = {}
    for name in runbooks.names():
        for key, value in runbooks.load(name).parameters.items():
            merged[key] = max(value, merged.get(key, value)) if key == "window_s" else merged.get(key, value)
    return merged | own_numbers(environment)


def own_numbers(environment: str) -> dict[str, float]:
    """What the environment's monitoring connection overrides."""
    config = (
        Connection.objects.filter(kind="prometheus", environment=environment, is_active=True)
        .order_by("id")
        .values_list("config", flat=True)
        .first()
    )
    given: Mapping[str, object] = (config or {}).get("parameters") or {}
    return {
        name: float(value)
        for name, value in given.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    }
