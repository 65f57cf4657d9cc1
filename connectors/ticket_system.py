"""What is asked of a ticket system: bring a record there up to date."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from connectors.models import Ticket
from connectors.story import Case

Keep = Callable[[Ticket], None]
"""Writes down at once where a record is and what was told of it, whatever happens next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A record over there, as it was read.

    Attributes:
        count: grows with each change of it.
        code: its state, by which we know it again; `stands` what people call it there, `state` ours for it.
        by: who changed it last; empty where it does not say.
    """

    id: str
    number: str
    count: int
    code: str
    stands: str
    state: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A record that is up to date.

    Attributes:
        values: what it holds of ours by field, state included.
        is_new: whether it was unknown before; `moved` the states that it was brought through.
        trouble: why it does not stand there where it should, though all else was told.
        heed: whether somebody else may have written in between, which our own count would hide.
    """

    seen: Seen
    values: Mapping[str, str]
    is_new: bool = False
    moved: Sequence[str] = field(default_factory=tuple)
    trouble: str = ""
    heed: bool = False


class TicketSystem(Protocol):
    """One connected ticket system.

    Attributes:
        title: its name, for people.
    """

    title: ClassVar[str]

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        """Refuse settings that lead nowhere; nothing is asked yet.

        Raises:
            BadInputError: The sentence says which and why.
        """

    def bring(self, ticket: Ticket, case: Case, keep: Keep) -> Brought:
        """The record of a ticket, made where there is none, told what it was not told yet. Safe to repeat.

        Raises:
            LaterError: It cannot now.
            TicketError: It refused.
        """
