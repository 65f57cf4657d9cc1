"""Take the facts of listed entries away for good, as two key-admins ordered, and say so in the record."""

from collections.abc import Sequence

from django.db import transaction

from audit.erasing import registry_at
from audit.models import Entry, Erasure
from audit.services.append import append
from audit.services.fetch import fetch
from core import live
from core.actors import Actor
from core.errors import BadInputError, RefusedError, WrongStateError
from proof import erasure
from proof.documents import parse_entry

CHUNK = 1_000


@transaction.atomic
def erase(listed: str, acts: Sequence[str], *, actor: Actor) -> Entry:
    """Empty facts and salt of exactly the listed entries; bodies, and so the tree, stay as they are.

    What is gone from the rows is still in backups, in PostgreSQL's dead rows until VACUUM, and in its log until that is
    recycled: docs/howto/erase-a-person.md.

    Args:
        listed: digest of the kept list (`proof.erasure.write_list`).
        acts: digests of the kept sidecars, acts of the kind `erase` over that list.
        actor: who carries the order out.

    Raises:
        RefusedError: The order does not hold.
        BadInputError: The list names an entry that is not there, or that commits to something else.
        WrongStateError: All of it was erased before.
        NotFoundError: The list or an act is not kept.
    """
    content = fetch(listed)
    try:
        erasure.verify_order(content, [fetch(digest) for digest in acts], registry_at())
        order = erasure.parse_list(content)
    except erasure.ErasureError as error:
        raise RefusedError(str(error)) from error
    found = [entry for entry in _entries(order) if bytes(entry.facts_salt)]
    if not found:
        detail = "All of this was erased before."
        raise WrongStateError(detail)
    entry = append(
        actor=actor,
        verb=erasure.VERB,
        subject=f"person:{order.person_id}",
        facts={"entries": len(found)},
        documents={erasure.LISTED: listed} | {f"{erasure.ACT}{n}": digest for n, digest in enumerate(acts, start=1)},
    )
    Erasure.objects.bulk_create([Erasure(entry=erased, order=entry) for erased in found])
    Entry.objects.filter(pk__in=[erased.pk for erased in found]).update(facts=b"", facts_salt=b"")
    live.changed("audit")
    return entry


def list_of(person_id: str) -> bytes:
    """The list of all entries with facts that a person did or that are about them, ready to be kept and signed.

    Raises:
        WrongStateError: There are none.
    """
    subject = f"person:{person_id}"
    theirs = Entry.objects.filter(actor=subject) | Entry.objects.filter(mentions__subject=subject)
    theirs = theirs.exclude(verb=erasure.VERB).exclude(facts__in=[b"", b"{}"])
    bodies = theirs.order_by("pk").distinct().values_list("body", flat=True)
    read = (parse_entry(bytes(body)) for body in bodies.iterator(CHUNK))
    commitments = {entry.uid: entry.facts_commitment for entry in read}
    if not commitments:
        detail = "The record holds no facts about this person any more."
        raise WrongStateError(detail)
    return erasure.write_list(person_id, commitments)


def _entries(order: erasure.Erasure) -> list[Entry]:
    rows = list(Entry.objects.filter(uid__in=order.commitments).order_by("pk"))
    told = {row.uid: parse_entry(bytes(row.body)).facts_commitment for row in rows}
    if told != dict(order.commitments):
        detail = "The list names entries that are not there, or that commit to something else. Make a new list."
        raise BadInputError(detail)
    return rows
