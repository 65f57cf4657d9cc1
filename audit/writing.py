"""Put an entry with all that belongs to it into the database in one statement; on PostgreSQL one way there and back."""

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


def write(entry: Entry, about: tuple[str, ...], priority: int) -> None:
    """Insert the entry, what it is about, and its place in the queue; the entry gets its id."""
    if connection.vendor != "postgresql":
        entry.save(force_insert=True)
        Mention.objects.bulk_create([Mention(entry=entry, subject=subject) for subject in about])
        Pending.objects.bulk_create([Pending(entry=entry, priority=priority)])
        return
    values = [
        entry.uid,
        entry.at,
        entry.actor,
        entry.verb,
        entry.subject,
        entry.body,
        entry.facts,
        entry.facts_salt,
        list(about),
        priority,
    ]
    connection.ensure_connection()
    # Django's own cursor would write each value into the text; prepared, the server reads and plans it once.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(STATEMENT, values, prepare=True, binary=True).fetchone()
    entry.pk = row[0] if row else None
    entry._state.adding, entry._state.db = False, connection.alias  # noqa: SLF001 -- as `save` leaves it
