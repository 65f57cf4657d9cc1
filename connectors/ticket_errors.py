"""What may go wrong with a ticket system, by what to do about it."""

from datetime import datetime

from core.errors import ConsoleError


class TicketError(ConsoleError):
    """It refused, or answered with what is no answer. Trying the same again does not help."""

    code, status, title = "ticket-system-refused", 502, "The ticket system refused"


class LaterError(TicketError):
    """It cannot now: the same may be tried again, not before `at`."""

    code, title = "ticket-system-later", "The ticket system cannot now"

    def __init__(self, detail: str, *, at: datetime | None = None) -> None:
        super().__init__(detail)
        self.at = at


class UncertainError(LaterError):
    """A write was sent and never answered: look first whether it was done."""

    code, title = "ticket-system-uncertain", "The ticket system did not answer"


class NotThereError(TicketError):
    """There is no such record, or it is hidden from us: they say the same for both."""

    code, title = "ticket-system-not-there", "No such record in the ticket system"
