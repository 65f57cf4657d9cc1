"""Refuse UPDATE, DELETE, REPLACE and TRUNCATE on what is written once.

Guards stop accidents and applications; an owner of the database can drop them. What stops an owner is a checkpoint
that left the machine.
"""

from django.db import migrations

# Each table with its unique columns: INSERT OR REPLACE on any of them would delete the old row without a DELETE trigger.
TABLES = {
    "audit_entry": ("id", "uid"),
    "audit_mention": ("id",),
    "audit_leaf": ("seq", "entry_id"),
    "audit_checkpoint": ("size",),
    "audit_document": ("sha256",),
}

SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END;
$$;
"""

# ALWAYS: an ordinary trigger would be passed by with SET session_replication_role = replica.
POSTGRESQL = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


def statements(vendor):
    """What puts the guards up, one statement an item."""
    if vendor == "postgresql":
        every = [POSTGRESQL_FUNCTION]
        for table in TABLES:
            every += [part for part in POSTGRESQL.format(table=table).split(";\n") if part.strip()]
        return every
    every = []
    for table, columns in TABLES.items():
        same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
        every += [f"{part}END" for part in SQLITE.format(table=table, same=same).split("END;\n") if part.strip()]
    return every


def removals(vendor):
    """What takes them down again, for a migration backwards."""
    if vendor == "postgresql":
        kinds = ("no_change", "no_truncate")
        every = [f"DROP TRIGGER {table}_{kind} ON {table}" for table in TABLES for kind in kinds]
        return [*every, "DROP FUNCTION audit_append_only()"]
    return [f"DROP TRIGGER {table}_{kind}" for table in TABLES for kind in ("no_update", "no_delete", "no_replace")]


def put_up(_apps, editor):
    for statement in statements(editor.connection.vendor):
        editor.execute(statement, None)


def take_down(_apps, editor):
    for statement in removals(editor.connection.vendor):
        editor.execute(statement, None)


class Migration(migrations.Migration):

    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
