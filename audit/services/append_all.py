"""Record many things at once, in the transaction that makes them true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit import entries, writing
from audit.services.append import entry_of, require_open
from core import doorbell
from core.actors import Actor
from proof import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What `append` takes of one entry, to be appended with others."""

    verb: str
    subject: str
    facts: Mapping[str, Any]
    about: tuple[str, ...] = ()


def append_all(deeds: Sequence[Deed], *, actor: Actor) -> None:
    """Write the entries of one actor's many deeds, in their order and in one statement. See `append`.

    Raises:
        TransactionManagementError, RollbackError, ValueError: As `append` does.
    """
    if not deeds:
        return
    require_open()
    told = []
    for deed in deeds:
        part = entries.told(actor.id, deed.verb, deed.subject, deed.about, {})
        entry = entry_of(part, canonical.dumps(dict(deed.facts)))
        told.append(writing.Written(entry, part.about, entries.priority_of(part.verb)))
    writing.write_all(told)
    doorbell.ring("audit.sequence", queue="interactive")
