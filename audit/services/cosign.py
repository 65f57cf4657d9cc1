"""Have the newest signed head signed by the witnesses too, and heed them if they know better."""

import logging
from datetime import UTC, datetime

from django.db import transaction

from audit import keystore, signer, tiles, witnesses
from audit.models import Cosignature, Entry, Tile
from audit.selectors import SignedHead, facts_of, latest_checkpoint, leaf_hashes
from audit.services.recover import RECOVERED
from audit.witness import client
from audit.witness.client import Reply, UnreachableError
from audit.witnesses import Witness
from core import clock, live
from proof import checkpoint, merkle, note
from proof.checkpoint import Checkpoint, CheckpointError
from proof.note import NoteError
from proof.tlog import NUMBER, write_submission

log = logging.getLogger(__name__)

TRIES = 3


def cosign() -> int:
    """Ask each witness for its lines under the newest head. Nothing waits for this, and it is safe at any time.

    A witness that refuses must show a head that our own key signed and our tree does not lead to; then the record is
    read-only until a copy is restored with which all of them agree. A mere refusal stops nothing.

    Returns:
        How many lines were added.
    """
    added, contradicted = 0, False
    for witness in witnesses.configured():
        try:
            lines, agrees = _ask(witness)
        except UnreachableError as error:
            log.warning("witness did not answer", extra={"witness": witness.name, "why": str(error)})
            agrees, lines = not signer.contradicted(), 0
        added += lines
        contradicted |= not agrees
    if not contradicted:
        signer.agree()
    return added


def _ask(witness: Witness) -> tuple[int, bool]:
    """Lines added, and whether the witness's memory agrees with our tree."""
    newest = Cosignature.objects.filter(witness=witness.name).order_by("-checkpoint_id")
    old_size = newest.values_list("checkpoint_id", flat=True).first() or 0
    for _ in range(TRIES):
        head = latest_checkpoint()
        if head is None:
            return 0, True
        if old_size == head.size and not signer.contradicted():
            return 0, _still_agrees(witness, head)
        path = tiles.consistency_proof(old_size, head.size) if 0 < old_size < head.size else []
        reply = client.add_checkpoint(witness.url, write_submission(old_size, path, head.note))
        if reply.status == 200:
            return _keep(witness, head, reply), True
        known = _size_in(reply)
        if known is None or known == old_size or known > head.size:
            return 0, _judged(witness, reply)
        old_size = known
    return 0, True


def _size_in(reply: Reply) -> int | None:
    text = reply.text.removesuffix("\n")
    return int(text) if reply.status == 409 and NUMBER.fullmatch(text) else None


@transaction.atomic
def _keep(witness: Witness, head: SignedHead, reply: Reply) -> int:
    """Store the lines that are really this witness's."""
    rows = []
    for line in reply.text.splitlines(keepends=True):
        try:
            opened = note.verify(head.note + line, witness.keys)
        except NoteError as error:
            log.warning("witness signed wrongly", extra={"witness": witness.name, "why": str(error)})
            continue
        rows.append(
            Cosignature(
                checkpoint_id=head.size,
                witness=witness.name,
                key=opened.signers[0].hint.hex(),
                line=line,
                stated_at=datetime.fromtimestamp(opened.times[0], UTC),
                created_at=clock.now(),
            )
        )
    there = set(Cosignature.objects.filter(checkpoint_id=head.size).values_list("witness", "key"))
    fresh = [row for row in rows if (row.witness, row.key) not in there]
    Cosignature.objects.bulk_create(fresh, ignore_conflicts=True)
    live.changed("audit")
    return len(fresh)


def _still_agrees(witness: Witness, head: SignedHead) -> bool:
    """Look although there is nothing to sign: who put everything back to yesterday lacks only what came after."""
    seen = _shown(witness)
    if seen is None or (seen.size, seen.root.hex()) == (head.size, head.root) or seen.size < head.size:
        return True
    return _withstands(witness, seen)


def _judged(witness: Witness, reply: Reply) -> bool:
    """Whether a refusal is only that."""
    log.warning("witness refused", extra={"witness": witness.name, "status": reply.status})
    seen = _shown(witness)
    return seen is None or _withstands(witness, seen)


def _shown(witness: Witness) -> Checkpoint | None:
    """The newest head that the witness has of us; only one that bears our own signature counts."""
    shown = client.newest(witness.url, keystore.origin())
    try:
        return checkpoint.open_signed(shown.text, keystore.log_verifiers()).head
    except (NoteError, CheckpointError):
        return None


def _withstands(witness: Witness, seen: Checkpoint) -> bool:
    """Whether our tree leads to a head that we signed once; if not, everything stops."""
    what = _difference(seen)
    if not what:
        return True
    signer.contradict(
        f"The witness {witness.name} holds a head of {seen.size} records that this installation signed, {what}. The "
        "record went back in time or was forked; it is read-only until the newest copy is restored.",
        witness=witness.name,
        size=seen.size,
        root=seen.root.hex(),
    )
    live.changed("audit")
    return False


def _difference(seen: Checkpoint) -> str:
    """How a head that we signed differs from our tree; empty if it does not. Only the leaves are asked, no cache."""
    head = latest_checkpoint()
    if _told_of(seen):
        return ""
    if head is None or seen.size > head.size:
        return "a larger one than any that is here"
    if merkle.root(leaf_hashes(0, seen.size)) != seen.root:
        return "and the same records here have another root"
    Tile.objects.all().delete()  # whatever the witness refused came out of these
    return ""


def _told_of(seen: Checkpoint) -> bool:
    """Whether the head ends in records that were lost and whose loss stands in the record (`ledger recover`)."""
    told = [facts_of(entry) for entry in Entry.objects.filter(verb=RECOVERED, leaf__isnull=False)]
    return any(facts["lost_from"] < seen.size <= facts["lost_to"] for facts in told)
