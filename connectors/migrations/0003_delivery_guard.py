"""Refuse to change what was received; what became of it may change.

A later migration that makes SQLite build the table anew takes the guard down: it must put it up again.
"""

from django.db import migrations

TOLD = ("uid", "source_id", "received_at", "headers", "body", "sha256", "verdict")

SQLITE = """
CREATE TRIGGER connectors_delivery_no_change BEFORE UPDATE OF {columns} ON connectors_delivery
BEGIN SELECT RAISE(ABORT, 'what was received never changes'); END;
"""
FUNCTION = """
CREATE FUNCTION connectors_delivery_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was received never changes' USING ERRCODE = 'integrity_constraint_violation';
END;
$$;
"""
POSTGRESQL = """
CREATE TRIGGER connectors_delivery_no_change BEFORE UPDATE OF {columns} ON connectors_delivery
FOR EACH ROW EXECUTE FUNCTION connectors_delivery_kept();
"""


def statements(vendor):
    """What puts the guard up, one statement an item."""
    columns = ", ".join(TOLD)
    if vendor == "postgresql":
        return [FUNCTION, POSTGRESQL.format(columns=columns)]
    return [SQLITE.format(columns=columns)]


def removals(vendor):
    """What takes it down again."""
    if vendor == "postgresql":
        return [
            "DROP TRIGGER connectors_delivery_no_change ON connectors_delivery",
            "DROP FUNCTION connectors_delivery_kept()",
        ]
    return ["DROP TRIGGER connectors_delivery_no_change"]


def put_up(_apps, editor):
    for statement in statements(editor.connection.vendor):
        editor.execute(statement, None)


def take_down(_apps, editor):
    for statement in removals(editor.connection.vendor):
        editor.execute(statement, None)


class Migration(migrations.Migration):

    dependencies = [("connectors", "0002_intake_itself")]
    operations = [migrations.RunPython(put_up, take_down)]
