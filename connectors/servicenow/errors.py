"""What may go wrong with ServiceNow, by what to do about it."""

from datetime import datetime

from core.errors import ConsoleError


class ServiceNowError(ConsoleError):
    """It refused, or answered with what is no answer. Trying the same again does not help."""

    code, status, title = "servicenow-refused", 502, "ServiceNow refused"


class LaterError(ServiceNowError):
    """It cannot now: the same may be tried again, not before `at`."""

    code, title = "servicenow-later", "ServiceNow cannot now"

    def __init__(self, detail: str, *, at: datetime | None = None) -> None:
        super().__init__(detail)
        self.at = at


class UncertainError(LaterError):
    """A write was sent and never answered: look first whether it was done."""

    code, title = "servicenow-uncertain", "ServiceNow did not answer"


class NotThereError(ServiceNowError):
    """There is no such record, or an access rule hides it: it says the same for both."""

    code, title = "servicenow-not-there", "No such record in ServiceNow"
