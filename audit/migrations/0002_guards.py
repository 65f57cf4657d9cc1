"""Refuse UPDATE, DELETE, REPLACE and TRUNCATE on what is written once.

One UPDATE passes: the facts and the salt of an entry may become empty, and nothing else about it change, once an
erasure names the entry (docs/adr/0014-erasure.md).

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
    "audit_cosignature": ("id",),
    "audit_document": ("sha256",),
    "audit_erasure": ("entry_id",),
}
KEPT = ("id", "uid", "at", "actor", "verb", "subject", "body")
ERASES = {
    "sqlite": "NEW.facts = X'' AND NEW.facts_salt = X''",
    "postgresql": "NEW.facts = ''::bytea AND NEW.facts_salt = ''::bytea",
}

SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}{unless}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'audit_entry' AND TG_OP = 'UPDATE' THEN
    IF {erases} THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
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
        every = [POSTGRESQL_FUNCTION.format(erases=erases(vendor))]
        for table in TABLES:
            every += [part for part in POSTGRESQL.format(table=table).split(";\n") if part.strip()]
        return every
    every = []
    for table, columns in TABLES.items():
        same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
        unless = f"\nWHEN NOT ({erases(vendor)})" if table == "audit_entry" else ""
        text = SQLITE.format(table=table, same=same, unless=unless)
        every += [f"{part}END" for part in text.split("END;\n") if part.strip()]
    return every


def erases(vendor):
    """The condition on which an update of an entry is an ordered erasure and nothing else."""
    same = "IS NOT DISTINCT FROM" if vendor == "postgresql" else "IS"
    kept = [f"NEW.{column} {same} OLD.{column}" for column in KEPT]
    ordered = "EXISTS (SELECT 1 FROM audit_erasure WHERE entry_id = OLD.id)"
    return " AND ".join([ERASES[vendor], *kept, ordered])


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
