"""What a person can do before anything was ever connected."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from connectors.models import Source
from console import labctl
from console.permissions import grants
from core.actors import Actor
from core.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something to break in the lab."""

    name: str
    title: str
    note: str
    tier: str


FAULTS: Sequence[Fault] = (
    Fault(
        name="bad-config",
        title="Release a bad configuration",
        note="payments' errors rise from 0.1 % to over 5 %; agents find the commit, you are asked to sign its revert",
        tier="HIGH",
    ),
    Fault(
        name="leak",
        title="Leak memory in one service",
        note="checkout's heap grows until it is killed; agents restart it by themselves, you are told",
        tier="MEDIUM",
    ),
    Fault(
        name="red-herring",
        title="Look like a leak, and not be one",
        note="the restart does not help; agents say so and call a person",
        tier="MEDIUM",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRun:
    """The page."""

    sources: int
    public_url: str
    faults: Sequence[Fault]
    lab_services: int
    may_break: bool

    @property
    def lab_runs(self) -> bool:
        """Whether there is a lab to break."""
        return self.lab_services > 0


def first_run(actor: Actor) -> FirstRun:
    """Sources that exist, and the lab if one runs."""
    lab = labctl.description() or {}
    return FirstRun(
        sources=Source.objects.filter(is_active=True).count(),
        public_url=settings.PUBLIC_URL,
        faults=FAULTS,
        lab_services=len(lab.get("services", [])),
        may_break=grants.allow(Permission.LAB_BREAK, actor),
    )
