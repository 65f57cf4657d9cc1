"""What stands above every page until it is over, for everybody: agents that are held, overrides not yet reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals import selectors as approvals
from audit.models import Entry
from audit.selectors import facts_of
from core.errors import ConsoleError
from people.models import Person

AGENTS = "agents:all"
HOLD = "hold-agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """That all agents are held."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """The rows: who holds the agents, and overrides that others have not reviewed."""

    held: Held | None
    overrides: Sequence[approvals.OverrideTold]


def stands() -> Stands:
    """What stands now; the executor reads the same acts from the log by itself, pages only say it."""
    return Stands(held=_held(), overrides=_overrides())


def _held() -> Held | None:
    entry = Entry.objects.filter(subject=AGENTS, verb="act.recorded").order_by("-id").first()
    if entry is None or facts_of(entry).get("kind") != HOLD:
        return None
    person_id = entry.actor.removeprefix("person:")
    name = Person.objects.filter(pk=person_id).values_list("name", flat=True).first()
    return Held(by=name or "somebody who is no longer here", at=entry.at)


def _overrides() -> Sequence[approvals.OverrideTold]:
    try:
        return approvals.open_overrides()
    except ConsoleError:  # no registry or policy that holds: the pages of both say so
        return ()
