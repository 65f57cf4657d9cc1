"""May policy act alone now? Not while people hold the agents, nor where it was taken back twice and nobody looked."""

from collections.abc import Sequence

from agents.execution.index import Index, Signed
from core import clock
from core.errors import RefusedError
from proof.documents import Act, DocumentError, parse_act
from proof.envelope import SignatureError
from proof.registry import Registry
from proof.signatures import verify_sidecar

HOLD, RELEASE, RESUME = "hold-agents", "release-agents", "resume-policy"
MAY_HOLD = frozenset({"operator", "approver", "manager", "admin", "key-admin"})
MAY_RELEASE = frozenset({"approver", "manager", "admin"})
ROLLED_BACK = "remediation.rolled_back"
MOST_ROLLED_BACK = 2


class SuspendedError(RefusedError):
    """Policy may not act alone until a person has signed that it may again."""

    code, title = "suspended", "A person decides first"


def held_by(index: Index, registry: Registry) -> str:
    """Whoever holds all agents now; empty if nobody does."""
    holder = ""
    for act, _ in _acts(index, registry, {HOLD, RELEASE}):
        holder = act.person_id if act.kind == HOLD else ""
    return holder


def holds_since(index: Index, registry: Registry, seq: int) -> str:
    """Who held the agents after a place of the log and still does; empty if nobody."""
    later = [one for one in _acts(index, registry, {HOLD, RELEASE}) if one[1] > seq]
    return later[-1][0].person_id if later and later[-1][0].kind == HOLD else ""


def require_not_suspended(index: Index, registry: Registry, targets: Sequence[str]) -> None:
    """Refuse to act alone on a target on which that was taken back twice since a person last resumed it.

    Raises:
        SuspendedError: It is one.
    """
    resumed = [seq for _, seq in _acts(index, registry, {RELEASE, RESUME})]
    since = max(resumed, default=-1)
    for target in sorted(set(targets)):
        count = len(index.entries({ROLLED_BACK}, about=f"target:{target}", above=since))
        if count >= MOST_ROLLED_BACK:
            detail = (
                f"{count} changes on {target} were taken back, so policy does not act there alone. A person decides, "
                "or signs that the policy may go on."
            )
            raise SuspendedError(detail, target=target)


def _acts(index: Index, registry: Registry, kinds: set[str]) -> list[tuple[Act, int]]:
    found = [(act, one.seq) for one in index.acts() if (act := _verified(one, registry)) is not None]
    return [(act, seq) for act, seq in found if act.kind in kinds]


def _verified(signed: Signed, registry: Registry) -> Act | None:
    """The act, if a person of the registry signed it who may; nothing else counts."""
    try:
        verified = verify_sidecar(signed.content, registry)
        act = parse_act(verified.statement)
    except (SignatureError, DocumentError):
        return None
    person = registry.person(act.person_id)
    key = registry.key(verified.key_id)
    if person is None or key is None or (verified.person_id, verified.key_id) != (act.person_id, act.key_id):
        return None
    allowed = MAY_HOLD if act.kind == HOLD else MAY_RELEASE
    if act.installation != registry.installation or not person.roles & allowed:
        return None
    if act.kind != HOLD and (key.revoked_at or (person.expires_at and person.expires_at < clock.rfc3339(clock.now()))):
        return None
    return act
