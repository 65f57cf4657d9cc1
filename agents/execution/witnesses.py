"""How many witnesses must have seen the log before a change of a tier may run, and whether they have."""

from agents.execution import trust
from agents.execution.held import Dossier
from audit.models import Checkpoint
from core.errors import RefusedError
from proof import checkpoint
from proof.checkpoint import CheckpointError
from proof.note import NoteError
from proof.registry import Registry

NEWEST = 8


class UnwitnessedError(RefusedError):
    """Too few witnesses have signed a head of the log that covers it; they may have in a moment."""

    code, title = "unwitnessed", "Not witnessed yet"


def require(held: Dossier, tier: str, *, covering: int) -> None:
    """Refuse what too few witnesses stand behind.

    Args:
        held: registry and policy say how many it takes, and whose signatures count.
        tier: of the change.
        covering: the place of the log that the head must cover.

    Raises:
        UnwitnessedError: There is no such head.
    """
    wanted = max([k for name, k in held.policy.witnesses if name == tier], default=0)
    if wanted == 0:
        return
    seen = max((_count(trust.cosigned(row), held.registry) for row in _heads(covering)), default=0)
    if seen < wanted:
        detail = f"{wanted} witnesses must have signed the log for a {tier} change; {seen} have."
        raise UnwitnessedError(detail, wanted=wanted, seen=seen)


def _heads(covering: int) -> list[Checkpoint]:
    return list(Checkpoint.objects.filter(size__gt=covering).order_by("-size")[:NEWEST])


def _count(note: str, registry: Registry) -> int:
    try:
        found = checkpoint.open_signed(note, trust.log_keys(registry))
    except (NoteError, CheckpointError, trust.UntrustedError):
        return 0
    return len({key.name for key in found.note.signers if key.name != found.head.origin})
