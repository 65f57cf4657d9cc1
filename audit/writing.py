"""Put entries with all that belongs to them into the database in one statement; on PostgreSQL one way there and back.

One entry has a statement of its own: decisions and acts come one by one, and it is the cheaper one for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import psycopg
from django.db import connection

from audit.models import Entry, Mention, Pending

# The rows of the second and third INSERT are made from the id that the first one gives.
STATEMENT = """
WITH written AS (
    INSERT INTO audit_entry (uid, at, actor, verb, subject, body, facts, facts_salt)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
), mentioned AS (
    INSERT INTO audit_mention (entry_id, subject) SELECT written.id, about FROM written, unnest(%s::text[]) AS about
)
INSERT INTO audit_pending (entry_id, priority) SELECT id, %s FROM written RETURNING entry_id
"""

# Ids are given in the order in which the entries are told.
MANY = """
WITH given AS (
    SELECT * FROM unnest(
        %b::text[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[], %b::bytea[]
    ) WITH ORDINALITY AS one(uid, at, actor, verb, subject, body, facts, facts_salt, place)
), written AS (
    INSERT INTO audit_entry (uid, at, actor, verb, subject, body, facts, facts_salt)
    SELECT uid, at, actor, verb, subject, body, facts, facts_salt FROM given ORDER BY place RETURNING id, uid
), mentioned AS (
    INSERT INTO audit_mention (entry_id, subject)
    SELECT written.id, about.subject FROM unnest(%b::text[], %b::text[]) AS about(uid, subject) JOIN written USING (uid)
)
INSERT INTO audit_pending (entry_id, priority)
SELECT written.id, waits.priority FROM unnest(%b::text[], %b::int2[]) AS waits(uid, priority) JOIN written USING (uid)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of an entry that is not written yet; a model of each would cost more than the rest of it."""

    uid: str
    at: datetime
    actor: str
    verb: str
    subject: str
    body: bytes
    facts: bytes
    facts_salt: bytes

    def entry(self) -> Entry:
        """As a model."""
        return Entry(**{name: getattr(self, name) for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Written:
    """An entry to be written, what it is about, and its place in the queue."""

    row: Row
    about: tuple[str, ...]
    priority: int


def write_all(told: Sequence[Written]) -> None:
    """Insert entries, in their order; they do not get to know their ids."""
    if connection.vendor != "postgresql":
        for one in told:
            write(one.row.entry(), one.about, one.priority)
        return
    rows = [one.row for one in told]
    abouts = [(one.row.uid, subject) for one in told for subject in one.about]
    values = [
        *([getattr(row, column) for row in rows] for column in COLUMNS),
        [uid for uid, _ in abouts],
        [subject for _, subject in abouts],
        [row.uid for row in rows],
        [one.priority for one in told],
    ]
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(MANY, values, prepare=True)


def write(entry: Entry, about: tuple[str, ...], priority: int) -> None:
    """Insert the entry, what it is about, and its place in the queue; the entry gets its id."""
    if connection.vendor != "postgresql":
        entry.save(force_insert=True)
        Mention.objects.bulk_create([Mention(entry=entry, subject=subject) for subject in about])
        Pending.objects.bulk_create([Pending(entry=entry, priority=priority)])
        return
    values = [*(getattr(entry, column) for column in COLUMNS), list(about), priority]
    connection.ensure_connection()
    # Django's own cursor would write each value into the text; prepared, the server reads and plans it once.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(STATEMENT, values, prepare=True, binary=True).fetchone()
    entry.pk = row[0] if row else None
    entry._state.adding, entry._state.db = False, connection.alias  # noqa: SLF001 -- as `save` leaves it
