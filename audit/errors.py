"""What the ledger refuses, in words that say what to do."""

from core.errors import ConsoleError


class TamperedError(ConsoleError):
    """Stored bytes are not the ones that were stored."""

    code, status, title = "tampered", 500, "The record does not match itself"


class RollbackError(ConsoleError):
    """The database is behind what was already signed, or differs from it."""

    code, status, title = "rollback", 503, "Read-only: the record went back in time"


class FencedError(ConsoleError):
    """Another process took over meanwhile; what this one had begun is not written."""

    code, status, title = "fenced", 409, "Another process went ahead"
