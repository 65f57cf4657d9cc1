"""An incident's story: entries of the ledger in words, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import ledger
from console import sentences
from console.selectors import faces
from console.selectors.faces import Face

LONGEST = 200
STEPS_BETWEEN = frozenset(
    {"remediation.analyzing", "remediation.analyzed", "remediation.planned", "remediation.asked", "run.intended"}
)
"""Records that say again what the one beside them says; the trail has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact with whoever made it true."""

    at: datetime
    face: Face
    words: str
    seq: int | None
    verb: str


def of(subject: str) -> Sequence[Line]:
    """What the ledger says about a subject, newest first, people by name."""
    entries = ledger.timeline(subject, limit=LONGEST)
    people = faces.people(faces.person_ids(entry.actor for entry in entries))
    return [
        Line(
            at=entry.at,
            face=faces.actor(entry.actor, people),
            words=_uncapitalised(sentences.say(entry.verb, with_names(entry.facts, people))),
            seq=entry.seq,
            verb=entry.verb,
        )
        for entry in reversed(entries)
        if entry.verb not in STEPS_BETWEEN
    ]


def with_names(facts: Mapping[str, Any], people: Mapping[str, Face]) -> dict[str, Any]:
    """Facts with the person ids in them replaced by names."""
    return {
        key: people[value].name if isinstance(value, str) and value in people else value for key, value in facts.items()
    }


def _uncapitalised(sentence: str) -> str:
    """A sentence that goes on after a name."""
    return sentence[:1].lower() + sentence[1:]
