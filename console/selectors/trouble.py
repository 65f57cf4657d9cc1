"""What is wrong while a change waits, for the head of its page: not signed, and said so by its place."""

from dataclasses import dataclass
from datetime import datetime

from core.actors import Actor
from incidents.models import Incident
from incidents.scoping import incidents_read
from incidents.selectors import OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The incident behind a change."""

    title: str
    since: datetime
    is_over: bool


def behind(incident_id: str, actor: Actor) -> Trouble | None:
    """The incident with that id, if there is one and this person may read it."""
    if not incident_id.isdigit():
        return None
    found = incidents_read(actor, Incident.objects.filter(pk=int(incident_id))).first()
    if found is None:
        return None
    return Trouble(title=found.title, since=found.began_at, is_over=found.state not in OPEN_STATES)
