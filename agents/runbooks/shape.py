"""A runbook as it is used."""

from collections.abc import Mapping
from dataclasses import dataclass


class RunbookError(ValueError):
    """The runbook, or what it was to be filled in with, is not right; the message says where."""

    def __init__(self, *, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTemplate:
    """A step before its names are filled in."""

    action: str
    target: str
    title: str
    params: Mapping[str, str]
    timeout_s: int
    undo_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreconditionTemplate:
    """What must hold right before acting.

    Attributes:
        probe: asked of the adapter of step `step`; what follows a colon is the path that it is asked about.
        expect: the answer that must come; `{now}` stands for the answer at the time of planning.
    """

    step: int
    probe: str
    expect: str
    max_age_s: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationTemplate:
    """The signal that says whether it helped."""

    signal: str
    target: str
    compare: str
    threshold: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What the change touches."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """A runbook.

    Attributes:
        answers: the diagnosis pattern that it remedies.
        parameters: numbers with their defaults; an environment's own win.
        names: what the templates may use beside `service`, `environment` and the service's targets.
        source, sha256: the file's bytes and their digest, which the change names.
    """

    name: str
    version: int
    answers: str
    intent: str
    parameters: Mapping[str, float]
    names: tuple[str, ...]
    preconditions: tuple[PreconditionTemplate, ...]
    steps: tuple[StepTemplate, ...]
    verification: VerificationTemplate
    touches: tuple[Touch, ...]
    unaffected: tuple[str, ...]
    source: bytes
    sha256: str
