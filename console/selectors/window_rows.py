"""Maintenance windows and freezes as rows of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.selectors import faces
from console.selectors.faces import Face
from core import clock
from core.actors import Actor
from core.permissions import Permission
from incidents.correlation.windows import Kind
from incidents.models import MaintenanceWindow
from incidents.permissions import grants
from incidents.windows import Hides, hides, would_have_hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A window on the page.

    Attributes:
        covers, narrowed: what it is about, and the labels that narrow it.
        would: how many alerts of the last week it would have hidden, and the worst of them.
    """

    row: MaintenanceWindow
    covers: str
    narrowed: str
    face: Face
    hides: Hides
    would: tuple[int, str] = (0, "")
    may_end: bool = False
    may_extend: bool = False

    @property
    def is_freeze(self) -> bool:
        """Whether it is a change freeze."""
        return self.row.kind == Kind.FREEZE.value

    @property
    def later(self) -> str:
        """An hour after its end, as a form's field wants it."""
        return f"{(self.row.until + timedelta(hours=1)).astimezone(UTC):%Y-%m-%dT%H:%M}"


def shown(windows: Sequence[MaintenanceWindow], actor: Actor) -> list[Shown]:
    """Windows as this person sees them."""
    people, now = faces.people(faces.person_ids(row.opened_by for row in windows)), clock.now()
    return [_shown(row, people, actor, now) for row in windows]


def _shown(row: MaintenanceWindow, people: Mapping[str, Face], actor: Actor, now: datetime) -> Shown:
    state = row.state(now)
    is_planned = state == "planned" and row.kind == Kind.MAINTENANCE.value
    return Shown(
        row=row,
        covers=covers(row),
        narrowed=", ".join(f"{name}={value}" for name, value in sorted(row.labels.items())),
        face=faces.actor(row.opened_by, people),
        hides=hides(row),
        would=would_have_hidden(row.as_value(), now) if is_planned else (0, ""),
        may_end=state != "over" and grants.allow(Permission.MAINTENANCE_END, actor, row),
        may_extend=state != "over" and grants.allow(Permission.MAINTENANCE_OPEN, actor, row),
    )


def covers(row: MaintenanceWindow) -> str:
    """What it is about, in a few words."""
    if row.services:
        few = ", ".join(row.services[:3])
        more = f" and {len(row.services) - 3} more" if len(row.services) > 3 else ""
        return f"{few}{more}"
    return f"all of {row.environment}" if row.environment else ("by label" if row.labels else "everything")
