"""Who calls whom, as a value."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Topology:
    """The call graph of one moment.

    Attributes:
        edges: (caller, callee) pairs of service slugs.
        environments: the environment of each catalogued service.
    """

    edges: frozenset[tuple[str, str]] = frozenset()
    environments: dict[str, str] = field(default_factory=dict)

    def callees(self, caller: str) -> list[str]:
        """The services that this one needs directly, sorted."""
        return self._below.get(caller, [])

    def callers(self, callee: str) -> list[str]:
        """The services that need this one directly, sorted."""
        return self._above.get(callee, [])

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        return _grouped(self.edges)

    @cached_property
    def _above(self) -> dict[str, list[str]]:
        return _grouped((callee, caller) for caller, callee in self.edges)

    def near(self, service: str, *, max_hops: int) -> frozenset[str]:
        """The service and all that call it or are called by it within `max_hops`."""
        found = {service}
        for step in (self.callees, self.callers):
            edge = {service}
            for _ in range(max_hops):
                edge = {following for name in edge for following in step(name)} - found
                found |= edge
        return frozenset(found)

    def path(self, caller: str, callee: str, *, max_hops: int) -> tuple[str, ...]:
        """The shortest way down from caller to callee, both included; empty if there is none within `max_hops`.

        A path never leaves the caller's environment.
        """
        home = self.environments.get(caller, "")
        ways: deque[tuple[str, ...]] = deque([(caller,)])
        seen = {caller}
        while ways:
            way = ways.popleft()
            if way[-1] == callee:
                return way
            if len(way) > max_hops:
                continue
            for following in self.callees(way[-1]):
                if following not in seen and self.environments.get(following, "") == home:
                    seen.add(following)
                    ways.append((*way, following))
        return ()

    def link(self, one: str, other: str, *, max_hops: int) -> tuple[str, ...]:
        """The call path between two services in whichever direction there is one."""
        return self.path(one, other, max_hops=max_hops) or self.path(other, one, max_hops=max_hops)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in sorted(pairs):
        found.setdefault(one, []).append(other)
    return found


def deepest(firing: Iterable[str], topology: Topology, *, current: str = "", max_hops: int = 8) -> str:
    """The firing service furthest down the call path: the one that most other firing services need.

    Ties keep `current` where it is among them, else the first by name, so that an incident does not flap.
    """
    names = sorted({name for name in firing if name})
    if not names:
        return current
    above = {
        name: sum(bool(topology.path(other, name, max_hops=max_hops)) for other in names if other != name)
        for name in names
    }
    most = max(above.values())
    tied = [name for name in names if above[name] == most]
    return current if current in tied else tied[0]
