"""How many witnesses must have seen the log before a change of a tier may run, and whether they have."""

from datetime import datetime, timedelta

from agents.execution import trust
from agents.execution.held import Dossier
from agents.execution.waiting import NotYetError
from audit.models import Checkpoint
from core import clock
from core.errors import RefusedError
from proof import checkpoint
from proof.checkpoint import CheckpointError
from proof.note import NoteError
from proof.registry import Registry

NEWEST = 8
LIMIT = timedelta(seconds=60)
"""Witnesses that have not signed the executor's intent within this are not there, and nothing runs on it."""


class UnwitnessedError(NotYetError):
    """Too few witnesses have signed a head of the log that covers it; they may have in a moment."""

    code, title = "unwitnessed", "Not witnessed yet"


def require(held: Dossier, tier: str, *, covering: int, since: datetime | None) -> None:
    """Refuse what too few witnesses stand behind.

    Args:
        held: registry and policy say how many it takes, and whose signatures count.
        tier: of the change.
        covering: the place of the log that the head must cover.
        since: when the executor's intent was written, which is what the head must cover; None before that.

    Raises:
        UnwitnessedError: There is no such head yet.
        RefusedError: There was none in time.
    """
    wanted = max([k for name, k in held.policy.witnesses if name == tier], default=0)
    if wanted == 0:
        return
    seen = max((_count(trust.cosigned(row), held.registry) for row in _heads(covering)), default=0)
    if seen >= wanted:
        return
    detail = f"{wanted} witnesses must have signed the log for a {tier} change; {seen} have."
    if since is not None and clock.now() - since > LIMIT:
        seconds = LIMIT.total_seconds()
        detail = f"{detail} They did not within {seconds:.0f} s, so nothing runs on it."
        raise RefusedError(detail, wanted=wanted, seen=seen)
    raise UnwitnessedError(detail, wanted=wanted, seen=seen)


def _heads(covering: int) -> list[Checkpoint]:
    witnessed = Checkpoint.objects.filter(size__gt=covering, cosignatures__isnull=False).distinct()
    return list(witnessed.order_by("-size")[:NEWEST])


def _count(note: str, registry: Registry) -> int:
    try:
        found = checkpoint.open_signed(note, trust.log_keys(registry))
    except (NoteError, CheckpointError, trust.UntrustedError):
        return 0
    return len({key.name for key in found.note.signers if key.name != found.head.origin})
