"""The ids that records over there carry, by which they are found again and known as ours."""

from typing import Final

from audit import keystore

MARK: Final = "countersign:"
"""Every correlation id of ours begins with it, of this and of other installations."""


def of_installation() -> str:
    """What all of this installation carry, where a record can carry several."""
    return f"{MARK}{keystore.installation()}"


def correlation_of(subject: str) -> str:
    """The id that a record over there carries for a subject here: at most 100 characters, the field's length.

    A change is named by its plan's hash, which is its own everywhere; an incident's number is not.
    """
    if subject.startswith("change:"):
        return f"{MARK}{subject}"
    return f"{of_installation()}:{subject}"
