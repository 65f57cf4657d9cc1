"""What can go wrong as expected: each error says what to do next and becomes problem+json (RFC 9457) or a page."""

from typing import Any


class ConsoleError(Exception):
    """An expected failure that a person or a program can act on.

    Attributes:
        code: a stable slug for programs.
        status: the HTTP status it becomes.
        detail: a sentence for people, with what to do next.
        facts: the particulars, JSON-ready.
    """

    code = "error"
    status = 400
    title = "That did not work"

    def __init__(self, detail: str, **facts: Any) -> None:  # noqa: ANN401 -- any JSON-ready value
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class BadInputError(ConsoleError):
    """What was sent cannot be understood."""

    code, status, title = "bad-input", 400, "Not understood"


class NotSignedInError(ConsoleError):
    """Nobody is signed in, or the token is not known."""

    code, status, title = "not-signed-in", 401, "Sign in first"


class NotPermittedError(ConsoleError):
    """The actor may not do this."""

    code, status, title = "not-permitted", 403, "Not permitted"


class NotFoundError(ConsoleError):
    """There is no such thing, or the actor may not know of it."""

    code, status, title = "not-found", 404, "Not found"


class WrongStateError(ConsoleError):
    """The thing is no longer in a state in which this can be done."""

    code, status, title = "wrong-state", 409, "Too late, or too early"


class TooLargeError(ConsoleError):
    """More bytes than are taken."""

    code, status, title = "too-large", 413, "Too large"


class UnsupportedMediaError(ConsoleError):
    """A content type or charset that is not taken."""

    code, status, title = "unsupported-media", 415, "Unsupported media type"


class OverloadedError(ConsoleError):
    """Try again later; nothing was lost because nothing was accepted."""

    code, status, title = "overloaded", 503, "Overloaded"


class RefusedError(ConsoleError):
    """A safety check said no: a guardrail, a signature, a precondition."""

    code, status, title = "refused", 422, "Refused"
