"""What an event does to the alert it belongs to, by event time and not by order of arrival."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incidents.events import Status


class Effect(StrEnum):
    """BEGIN a live alert, RECORD one that is over or quiet, COUNT only, UPDATE, or RESOLVE it."""

    BEGIN = "begin"
    RECORD = "record"
    COUNT = "count"
    UPDATE = "update"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest alert of a fingerprint: its status, event time of the newest event in it, and when the last came."""

    status: Status
    last_event_at: datetime
    last_seen_at: datetime


def effect_of(status: Status, at: datetime, received_at: datetime, known: Known | None) -> Effect:
    """Decide what an event of this status and event time does.

    An older event than the newest one known changes nothing; at the same moment, resolved wins over firing. Many
    senders tell a firing again with its first moment and new words: of those, what was received last counts.
    """
    if status is Status.UNCLASSIFIED:
        return Effect.RECORD if known is None else Effect.COUNT
    if known is None:
        return Effect.BEGIN if status.is_live else Effect.RECORD
    if known.status is Status.RESOLVED:
        return Effect.BEGIN if status.is_live and at > known.last_event_at else Effect.COUNT
    is_again = at == known.last_event_at and status is known.status and received_at <= known.last_seen_at
    if at < known.last_event_at or is_again:
        return Effect.COUNT
    return Effect.RESOLVE if status is Status.RESOLVED else Effect.UPDATE
