"""Which changes are the same but for their wrapping, so that what was denied is not asked again as something new."""

from collections.abc import Callable

from proof import canonical
from proof.documents import Change, DocumentError, parse_change

Find = Callable[[str], bytes | None]
WRAPPING = frozenset(
    {"id", "version", "nonce", "created_at", "not_before", "expires_at", "execute_by", "prior_denials", "policy"}
)


def nothing(_digest: str) -> bytes | None:
    """A `find` that knows no other documents."""
    return None


def essence(change_bytes: bytes) -> str:
    """The digest of what a change is about: all but ids, nonces, keys of idempotency, times, and its own past.

    Raises:
        DocumentError: The bytes are not a change.
    """
    parse_change(change_bytes)
    value = canonical.loads(change_bytes)
    if not isinstance(value, dict):
        msg = "A change is an object."
        raise DocumentError(msg)
    kept = {name: member for name, member in value.items() if name not in WRAPPING}
    return canonical.sha256(canonical.dumps(_bare(kept)))


def related(digest: str, change: Change, change_essence: str, find: Find) -> tuple[bool, bool]:
    """Whether another change is the same in essence, and whether it is of the same lineage (same id, or the same).

    Args:
        digest: of the other change.
        change: the one that is judged, with its essence.
        change_essence: of that one.
        find: gives the bytes of a digest; bytes that do not have it are not believed.
    """
    data = find(digest)
    if data is None or canonical.sha256(data) != digest:
        return False, False
    try:
        other = parse_change(data)
        same = essence(data) == change_essence
    except (DocumentError, canonical.CanonicalError):
        return False, False
    return same, same or other.id == change.id


def _bare(value: object) -> object:
    if isinstance(value, dict):
        return {name: _bare(member) for name, member in value.items() if name != "idempotency_key"}
    if isinstance(value, list):
        return [_bare(member) for member in value]
    return value
