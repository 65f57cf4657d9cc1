"""Follow the log: read every entry from the own mark on, recompute the root, believe only what a signed head covers."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from agents.execution import clocks, high_water, learning, state, trust
from agents.execution.high_water import HighWater
from agents.execution.index import Index, opened
from agents.execution.pins import Pins, pins, raise_pins
from agents.execution.trust import cosigned
from audit.models import Checkpoint, Leaf
from core import clock
from core.errors import RefusedError
from proof import checkpoint, merkle
from proof.checkpoint import CheckpointError, Opened
from proof.documents import DocumentError, parse_entry
from proof.merkle import CompactRange
from proof.note import NoteError

CHUNK = 1_000
REMEDY = "Nothing runs until that is settled: compare with ./manage.py audit fsck and with the witnesses."

_opened: dict[str, str] = {}
_looked: dict[str, datetime] = {}


class LogError(RefusedError):
    """The log is not the one that was followed: entries are hidden or altered, or it went back in time."""

    code, title = "log", "The record does not hold"


def follow() -> int:
    """Learn what is new under the newest signed head, and return its size; 0 where nothing was signed yet.

    Raises:
        LogError: What the database shows is not what was signed, or is behind what was seen before.
        RefusedError: The executor's own files cannot be read, or the keys are not those that it pinned.
    """
    with state.turn("follow"), opened() as index:
        mark = high_water.high_water()
        newest = Checkpoint.objects.order_by("-size").first()
        _require_not_behind(mark, newest.size if newest is not None else 0)
        folder = str(settings.STATE_DIR)
        if newest is None:
            _looked[folder] = clock.now()
            return 0
        note = cosigned(newest)
        is_known = index.mark()[1] == newest.size and _opened.get(folder) == note
        if not is_known or index.missing():
            if not _take(index, mark, newest.size, note):
                return 0
            _opened[folder] = note
        _looked[folder] = clock.now()
        _require_pins(index)
        return newest.size


def _take(index: Index, mark: HighWater, head_size: int, note: str) -> bool:
    """Read on to a head; False where no registry says yet whose signature it should bear."""
    now = clock.now()
    with index.writing():
        learning.look_again(index)
        origin, size, hashes = index.mark()
        tree = CompactRange.from_hashes(size, hashes)
        _require_on_the_way(tree, mark)
        for seq, body in _bodies(tree.size, head_size):
            _append(index, tree, seq, body)
            _require_on_the_way(tree, mark)
        if tree.size != head_size:
            detail = f"The log's head covers {head_size} records; the database shows {tree.size} of them. {REMEDY}"
            raise LogError(detail, size=head_size, found=tree.size)
        found = _verified(index, note)
        if found is None:
            return False
        _compare(found, tree, origin or mark.origin)
        clocks.saw_witnesses(found)
        index.set_mark(found.head.origin, tree.size, tree.to_hashes())
        before = _looked.get(str(settings.STATE_DIR)) or clocks.saved()
        index.saw(tree.size, clock.rfc3339(now), clock.rfc3339(before) if before else "")
    high_water.raise_to(found.head.origin, tree)
    return True


def _append(index: Index, tree: CompactRange, seq: int, body: bytes) -> None:
    if seq != tree.size:
        detail = f"Record {tree.size} of the log is hidden from the executor; the database goes on with {seq}. {REMEDY}"
        raise LogError(detail, seq=tree.size)
    tree.append(merkle.leaf_hash(body))
    try:
        entry = parse_entry(body)
    except DocumentError:  # it has its place in the tree, and says nothing
        return
    learning.learn(index, seq, entry)


def _bodies(start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Places and bodies; what the rows say of their hashes is not asked."""
    while start < end:
        rows = Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq").values_list("seq", "entry__body")
        found = list(rows[:CHUNK])
        for seq, body in found:
            start = seq + 1
            yield seq, bytes(body)
        if not found:
            return


def _verified(index: Index, note: str) -> Opened | None:
    try:
        registries = trust.registries_at(index)
        if not registries:
            return None
        return checkpoint.open_signed(note, trust.log_keys(registries[-1]))
    except (NoteError, CheckpointError, trust.UntrustedError) as error:
        detail = f"The log's newest head is not signed by the log: {error} {REMEDY}"
        raise LogError(detail) from error


def _compare(found: Opened, tree: CompactRange, origin: str) -> None:
    if origin and found.head.origin != origin:
        detail = f"This is the log {found.head.origin}; the executor follows {origin}. {REMEDY}"
        raise LogError(detail)
    if (found.head.size, found.head.root) != (tree.size, tree.root()):
        detail = (
            f"The first {tree.size} records of the log do not have the root that was signed: one of them was altered, "
            f"or is hidden. {REMEDY}"
        )
        raise LogError(detail, size=tree.size, root=tree.root().hex(), signed=found.head.root.hex())


def _require_not_behind(mark: HighWater, size: int) -> None:
    if size < mark.size:
        detail = (
            f"The executor saw {mark.size} records of the log, the database holds {size}: it went back in time. "
            "Restore the newest copy; if that is lost, ./manage.py ledger recover, then ./manage.py executor recover."
        )
        raise LogError(detail, seen=mark.size, size=size)


def _require_on_the_way(tree: CompactRange, mark: HighWater) -> None:
    if tree.size == mark.size and mark.size and tree.root().hex() != mark.root:
        detail = (
            f"The first {mark.size} records of the log are not those that the executor saw before. {REMEDY} After a "
            "./manage.py ledger recover that you know of, ./manage.py executor recover accepts the new ones."
        )
        raise LogError(detail, size=mark.size)


def _require_pins(index: Index) -> None:
    """What is pinned must be there still, and what is there becomes pinned."""
    registries, policies, known = index.versions("registry"), index.versions("policy"), pins()
    newest, policy = registries[-1], policies[-1] if policies else None
    if newest.version < known.registry_version:
        detail = f"Registry version {newest.version} was shown, but version {known.registry_version} is known to exist."
        raise LogError(detail)
    if known.policy_version > (policy.version if policy else 0):
        shown = policy.version if policy else 0
        detail = f"Policy {shown} was shown, but {known.policy_version} is known to exist."
        raise LogError(detail)
    raise_pins(
        Pins(
            root_public=trust.registries_at(index)[-1].root_public,
            registry_version=newest.version,
            registry_sha256=newest.sha256,
            policy_version=policy.version if policy else 0,
            policy_sha256=policy.sha256 if policy else "",
        )
    )
