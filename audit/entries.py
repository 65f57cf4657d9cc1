"""The body of an entry: what is hashed into the tree, and what it must look like."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core import clock
from proof import canonical
from proof.documents import ENTRY

MAX_BODY_BYTES = 60_000
SALT_BYTES = 16

VERB = re.compile(r"[a-z-]+(\.[a-z_-]+)+")
ACTOR = re.compile(r"(person|agent|service):[A-Za-z0-9][A-Za-z0-9._-]*")
SUBJECT = re.compile(r"[a-z][a-z-]*:[!-~]+")
URGENT = re.compile(r"(act|decision|key|keys|ledger|override|policy|registry|remediation|run|standing)\.[a-z_.-]+")
"""Decisions, intents, revocations and what the reconciler finds: they never wait behind a flood of the rest."""
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody wants recorded, before it has a time and an id."""

    actor: str
    verb: str
    subject: str
    about: tuple[str, ...]
    documents: tuple[tuple[str, str], ...]


def told(actor: str, verb: str, subject: str, about: Iterable[str], documents: Mapping[str, str]) -> Told:
    """Check the parts of an entry; `about` always names the subject itself too.

    Raises:
        ValueError: A part is not of the form that the ledger takes. Bodies last for ever and hold ids, never names.
    """
    mentioned = tuple(sorted({subject, *about}))
    _match(ACTOR, [actor], 120)
    _match(VERB, [verb], 80)
    _match(SUBJECT, mentioned, 120)
    _match(DIGEST, documents.values(), 64)
    return Told(actor=actor, verb=verb, subject=subject, about=mentioned, documents=tuple(sorted(documents.items())))


def priority_of(verb: str) -> int:
    """0 for what is sequenced first, 1 for everything else."""
    return 0 if URGENT.fullmatch(verb) else 1


def body_of(part: Told, *, uid: str, at: datetime, installation: str, facts_commitment: str) -> bytes:
    """The canonical bytes of an entry; they are the leaf.

    Raises:
        CanonicalError: More than 60,000 bytes, or text that has no canonical form.
    """
    return canonical.dumps(
        {
            "_type": ENTRY,
            "about": list(part.about),
            "actor": part.actor,
            "at": clock.rfc3339(at),
            "documents": [{"name": name, "sha256": digest} for name, digest in part.documents],
            "facts_commitment": facts_commitment,
            "installation": installation,
            "subject": part.subject,
            "uid": uid,
            "verb": part.verb,
        },
        max_bytes=MAX_BODY_BYTES,
    )


def _match(form: re.Pattern[str], values: Iterable[str], longest: int) -> None:
    for value in values:
        if len(value) > longest or not form.fullmatch(value):
            detail = f"The ledger does not take {value!r}: at most {longest} characters of the form {form.pattern}."
            raise ValueError(detail)
