"""The answer to whether a change may run, with its reasons."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What may be done with a change now."""

    GRANTED = "GRANTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with its reasons as sentences.

    Attributes:
        needed, have: people who must approve, and who did in a way that counts; 0 needed if policy decided alone.
        counted: (person id, key id, decision) of what decided it; the person is empty for the policy service, and the
            decision of an override is `override`.
        tier: what the change counts as, the higher of floor and claim; empty if it could not be read.
        slots: what is still missing, a phrase each, such as `1 of sre`.
        refused: (person id, sentence): who may not sign, and why.
        override: whether one person took it on themselves.
        standing: the digest of the standing approval that it ran under; or empty.
        uncheckable: whether there is a signature that this computer cannot check; it did not count.
    """

    state: State
    needed: int = 0
    have: int = 0
    counted: tuple[tuple[str, str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    tier: str = ""
    slots: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    override: bool = False
    standing: str = ""
    uncheckable: bool = False


class InvalidError(ValueError):
    """No signature could make this run."""
