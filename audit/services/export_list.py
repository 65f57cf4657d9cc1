"""Carry rows of the trail away, for a table or for reading; that it was done is a record."""

from collections.abc import Iterator

from django.db import transaction

from audit import ledger, search
from audit.permissions import grants
from audit.search import Search
from audit.selectors import Record
from core import clock
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission

PAGE = 500
MOST = {"csv": 200_000, "pdf": 5_000}


@transaction.atomic
def export_list(wanted: Search, form: str, *, actor: Actor) -> Iterator[Record]:
    """The records that match, newest first, page by page in memory; they prove nothing by themselves.

    Args:
        wanted: what is looked for.
        form: csv or pdf.
        actor: who carries it away.

    Raises:
        NotPermittedError: The actor is neither a manager nor an admin.
        BadInputError: There is no such form, or more records match than it takes.
    """
    grants.require(Permission.AUDIT_EXPORT, actor)
    if form not in MOST:
        detail = f"There is no export as {form!r}; there are {', '.join(MOST)}."
        raise BadInputError(detail)
    _require_few(wanted, form)
    ledger.append(
        actor=actor,
        verb="audit.exported",
        subject=wanted.subject or "audit:all",
        facts={"subject": wanted.subject, "kind": form, "narrowed_by": _said(wanted)},
    )
    return _records(wanted)


def _require_few(wanted: Search, form: str) -> None:
    most = MOST[form]
    if len(search.found(wanted, limit=most + 1)) > most if form == "pdf" else search.how_many(wanted) > most:
        detail = f"More than {most} records match. Narrow them, by subject or time, or take the proof bundle."
        raise BadInputError(detail)


def _records(wanted: Search) -> Iterator[Record]:
    before: int | None = None
    while rows := [row for row in search.found(wanted, before_seq=before, limit=PAGE) if row.seq is not None]:
        yield from rows
        before = rows[-1].seq


def _said(wanted: Search) -> dict[str, str]:
    times = {name: clock.rfc3339(at) for name, at in (("since", wanted.since), ("until", wanted.until)) if at}
    words = {"who": ", ".join(wanted.who), "verb": wanted.kind, "text": wanted.text, "hash": wanted.digest}
    return {**{name: value for name, value in words.items() if value}, **times}
