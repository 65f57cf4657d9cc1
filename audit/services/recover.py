"""Go on after records were lost for good, so that everybody can see the break (docs/adr/0013-recovery.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from audit import entries, keystore, signer
from audit.findings import Report
from audit.models import Checkpoint, Entry, Leaf, LogState, Mention
from audit.selectors import facts_of, leaf_hashes
from audit.services.append import row_of
from audit.services.fsck import fsck
from audit.services.sequence import ROW, locked_log, publish, tree_of
from audit.signer import Head
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from proof import canonical, merkle

LOST, RECOVERED = "ledger.lost", "ledger.recovered"
MAX_REASON = 500
BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What was lost: records `first` up to, not including, `size`; `root` is what was signed over all of them."""

    first: int
    size: int
    root: str


def recover(*, reason: str, actor: Actor) -> Recovery:
    """Go on from a database that holds less than was signed, and say so in the record for ever.

    Each lost record's number is taken by an entry `ledger.lost`, so that no number ever means two things; then comes
    `ledger.recovered` with the lost range and the signed root. The next signed head is larger than the lost one, so no
    size is signed twice, and it is not consistent with it: who kept the older head sees the break and must decide
    by hand whether to go on. Safe to run again if it was interrupted.

    Raises:
        BadInputError: There is no reason, or it is too long.
        WrongStateError: Nothing is lost, or what is there is not whole; a better copy is needed.
        RollbackError: The database belongs to another installation than the keys.
    """
    if not 0 < len(reason.strip()) <= MAX_REASON:
        detail = f"Give a reason of 1 to {MAX_REASON} characters. It stands in the record for ever."
        raise BadInputError(detail)
    signed = signer.last_head()
    done = _begun(signed)
    if done is None:
        _require_only_behind(fsck(), signed)
        done = _fill(signed, reason.strip(), actor)
    _adopt(signed)
    return done


def _begun(signed: Head) -> Recovery | None:
    """What an earlier, interrupted run wrote: the record right after the lost ones says what was lost."""
    leaf = Leaf.objects.filter(pk=signed.size, entry__verb=RECOVERED).select_related("entry").first()
    if leaf is None:
        return None
    facts = facts_of(leaf.entry)
    if (facts["lost_to"], facts["root"]) != (signed.size, signed.root):
        return None
    return Recovery(first=facts["lost_from"], size=signed.size, root=signed.root)


def _require_only_behind(report: Report, signed: Head) -> None:
    if report.size >= signed.size:
        detail = f"Nothing is lost: {signed.size} records were signed, and the database holds {report.size}."
        raise WrongStateError(detail)
    others = [finding.sentence for finding in report.findings if finding.kind != "rollback"]
    if others:
        detail = f"This copy of the database is not whole, so nothing may follow on it. Restore another. {others[0]}"
        raise WrongStateError(detail)


@transaction.atomic
def _fill(signed: Head, reason: str, actor: Actor) -> Recovery:
    log = locked_log()
    lost = Recovery(first=log.size, size=signed.size, root=signed.root)
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    facts = {"lost_from": lost.first, "lost_to": lost.size, "root": lost.root, "reason": reason, "sealed": newest}
    tree = tree_of(log)
    for start in range(lost.first, lost.size, BATCH):
        numbers = range(start, min(start + BATCH, lost.size))
        _place(tree, [_entry(actor, LOST, f"record:{seq}", {}) for seq in numbers])
    _place(tree, [_entry(actor, RECOVERED, "ledger:1", facts)])
    log.size, log.compact_range, log.fencing = tree.size, tree.to_hashes(), log.fencing + 1
    log.save(update_fields=["size", "compact_range", "fencing"])
    return lost


def _entry(actor: Actor, verb: str, subject: str, facts: dict[str, Any]) -> Entry:
    return row_of(
        entries.told(actor.id, verb, subject, (), {}), canonical.dumps(facts), keystore.installation()
    ).entry()


def _place(tree: merkle.CompactRange, batch: list[Entry]) -> None:
    """Straight into the tree: what waits for a place comes after the break."""
    Leaf.objects.bulk_create(list(_leaves(tree, Entry.objects.bulk_create(batch))))
    Mention.objects.bulk_create([Mention(entry=entry, subject=entry.subject) for entry in batch])


def _leaves(tree: merkle.CompactRange, batch: list[Entry]) -> Iterator[Leaf]:
    for entry in batch:
        leaf_hash = merkle.leaf_hash(bytes(entry.body))
        yield Leaf(seq=tree.size, entry=entry, leaf_hash=leaf_hash)
        tree.append(leaf_hash)


def _adopt(signed: Head) -> None:
    """Sign the new head; the signer goes past the lost one."""
    log = LogState.objects.get(pk=ROW)
    tree = merkle.CompactRange()
    for leaf_hash in leaf_hashes(0, log.size):
        tree.append(leaf_hash)
    kept = Checkpoint.objects.filter(size__lt=log.size).order_by("size").values_list("size", "root")
    publish(log.size, tree.root().hex(), signer.go_past(signed, tree, kept))
    signer.go_on()
