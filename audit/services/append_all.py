"""Record many things at once, in the transaction that makes them true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit import entries, keystore, writing
from audit.services.append import require_open, row_of
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
    told, installation = [], keystore.installation()
    for deed in deeds:
        part = entries.told(actor.id, deed.verb, deed.subject, deed.about, {})
        row = row_of(part, canonical.dumps(dict(deed.facts)), installation)
        told.append(writing.Written(row, part.about, entries.priority_of(part.verb)))
    writing.write_all(told)
    doorbell.ring("audit.sequence", queue="interactive")
