"""The service catalogue as a graph, from caller to callee."""

from collections.abc import Iterable

import networkx as nx

from incidents.correlation.topology import Topology
from incidents.correlation.topology import deepest as deepest_of
from incidents.models import Dependency, Service


def snapshot() -> Topology:
    """The catalogue of this moment as a value, for deciding code."""
    return Topology(
        edges=frozenset(Dependency.objects.values_list("caller", "callee")),
        environments=dict(Service.objects.values_list("slug", "environment")),
    )


def graph() -> "nx.DiGraph[str]":
    """Caller → callee, every catalogued service a node with its environment and criticality."""
    drawn: nx.DiGraph[str] = nx.DiGraph()
    for slug, environment, criticality in Service.objects.values_list("slug", "environment", "criticality"):
        drawn.add_node(slug, environment=environment, criticality=criticality)
    drawn.add_edges_from(Dependency.objects.values_list("caller", "callee"))
    return drawn


def path(caller: str, callee: str) -> list[str]:
    """The shortest call path, both ends included; empty if there is none."""
    drawn = graph()
    if caller not in drawn or callee not in drawn or not nx.has_path(drawn, caller, callee):
        return []
    return list(nx.shortest_path(drawn, caller, callee))


def blast_radius(slug: str) -> list[str]:
    """Every service that needs this one, directly or not, sorted; what an action on it may touch."""
    drawn = graph()
    return sorted(nx.ancestors(drawn, slug)) if slug in drawn else []


def deepest(firing: Iterable[str], *, current: str = "") -> str:
    """The firing service furthest down the call path."""
    return deepest_of(firing, snapshot(), current=current)
