"""What only has to wait: it is no refusal, and no failed attempt."""

from core.errors import RefusedError


class NotYetError(RefusedError):
    """It may run, but later: its window has not opened, the log has not taken the intent, or people hold all agents."""

    code, title = "not-yet", "Not yet"
