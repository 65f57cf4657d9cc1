"""A webhook of a ticket system is a hint: look soon. What only echoes us goes no further."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors.base import Outcome, Parsed
from connectors.marks import MARK
from connectors.models import Bond, Connection, Source
from connectors.registry import TICKETS
from connectors.ticketing import bond_of
from core import after_commit, clock


def heed_hint(source: Source, parsed: Parsed) -> Parsed:
    """Bring the next reading forward, and leave out records that carry an id of ours: they mirror what is here.

    Their changes are read back over our own call; taken for alerts, each ticket of ours would open another incident.
    """
    if source.kind not in TICKETS:
        return parsed
    for connection in Connection.objects.filter(kind=source.kind, is_active=True, config__source=source.slug):
        after_commit.once(_LookSoon(bond_of(connection).pk))
    events = tuple(one for one in parsed.events if not _is_ours(one.labels))
    if len(events) == len(parsed.events):
        return parsed
    told = "The record mirrors an incident here; it is read back instead of taken in."
    outcome = parsed.outcome if events else Outcome.IGNORED
    return replace(parsed, outcome=outcome, events=events, warnings=(*parsed.warnings, told))


def _is_ours(labels: Mapping[str, str]) -> bool:
    """By the id that we gave it: a field of ServiceNow's, or a label of Jira's, which is read as a name and a text."""
    return labels.get("correlation_id", "").startswith(MARK) or MARK.rstrip(":") in labels


@dataclass(frozen=True, slots=True)
class _LookSoon:
    """Done after the commit: whoever reads holds incidents and then the bond, and must not meet us the other way round.

    A hint that is lost with a crash costs nothing but the time until the next reading.
    """

    bond_id: int

    def __call__(self) -> None:
        Bond.objects.filter(pk=self.bond_id).update(poll_at=clock.now())
