"""The guards of what is written once: which there are, whether they stand, and what the application's role may do."""

from importlib import import_module
from typing import Any

from django.db import connection

_guards: Any = import_module("audit.migrations.0002_guards")  # its name is no identifier
TABLES: tuple[str, ...] = tuple(_guards.TABLES)
KINDS = {"postgresql": ("no_change", "no_truncate"), "sqlite": ("no_update", "no_delete", "no_replace")}
STANDING = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}
SHARED = ("django_migrations",)


def missing() -> list[str]:
    """The guards that do not stand, a sentence each; none when all do. Who can take them down can change records."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        standing = {name for (name,) in cursor.fetchall()}
    wanted = [f"{table}_{kind}" for table in TABLES for kind in KINDS[connection.vendor]]
    return [
        f"The guard {name} is gone or switched off. Somebody who owns the database did that."
        for name in wanted
        if name not in standing
    ]


def grants_for(role: str) -> list[str]:
    """What gives the application's role all it needs and nothing with which records could be changed (PostgreSQL).

    One column grant looks like more: `facts` and `facts_salt` of an entry may be emptied after an ordered erasure, and
    the guard lets nothing else through.
    """
    name = connection.ops.quote_name(role)
    others = sorted(set(connection.introspection.django_table_names()) - set(TABLES))
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA public FROM {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"GRANT SELECT ON {', '.join(SHARED)} TO {name}",
        *[f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {name}" for table in others],
        *[f"GRANT SELECT, INSERT ON {table} TO {name}" for table in TABLES],
        f"GRANT UPDATE (facts, facts_salt) ON audit_entry TO {name}",
    ]
