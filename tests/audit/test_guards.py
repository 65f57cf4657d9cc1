"""What is written once cannot be changed, removed, replaced or emptied through the database."""

from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from audit import ledger
from audit.models import Checkpoint, Document, Entry, Leaf, Mention
from audit.services.sequence import sequence

pytestmark = pytest.mark.django_db(transaction=True)

GUARDED = [Entry, Mention, Leaf, Checkpoint, Document]


@pytest.fixture(autouse=True)
def written(note):
    ledger.keep("text/plain", b"for ever")
    note()
    sequence()


def attack(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(statement):
    with pytest.raises(DatabaseError, match="append-only"):
        attack(statement)


@pytest.mark.parametrize("model", GUARDED)
def test_a_row_cannot_be_changed(model):
    key = model._meta.pk.column
    refused(f"UPDATE {model._meta.db_table} SET {key} = {key}")

    with pytest.raises(DatabaseError, match="append-only"):
        model.objects.update(**{model._meta.pk.attname: "1"})


@pytest.mark.parametrize("model", GUARDED)
def test_a_row_cannot_be_removed(model):
    refused(f"DELETE FROM {model._meta.db_table}")

    assert model.objects.count() == 1


@pytest.mark.parametrize("model", GUARDED)
def test_a_table_cannot_be_emptied(model):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    refused(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.parametrize("model", GUARDED)
def test_a_replication_role_does_not_pass_the_guards(model):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no replication role")
    for deed in (f"DELETE FROM {model._meta.db_table}", f"TRUNCATE {model._meta.db_table} CASCADE"):
        refused(f"SET LOCAL session_replication_role = replica; {deed}")


@pytest.mark.parametrize("model", GUARDED)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_row_cannot_be_replaced(model, recursive):
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    attack(f"PRAGMA recursive_triggers = {recursive}")
    table = model._meta.db_table
    for verb in ("INSERT OR REPLACE INTO", "REPLACE INTO", "INSERT OR IGNORE INTO"):
        refused(f"{verb} {table} SELECT * FROM {table}")


@pytest.mark.parametrize(("model", "column"), [(Entry, "id"), (Leaf, "seq")])
def test_a_row_cannot_be_replaced_by_its_other_unique_column(model, column):
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    attack("PRAGMA recursive_triggers = OFF")
    others = [field.column for field in model._meta.concrete_fields if field.column != column]
    columns, table = ", ".join(others), model._meta.db_table
    refused(f"REPLACE INTO {table} ({column}, {columns}) SELECT {column} + 1000, {columns} FROM {table}")


@pytest.mark.parametrize("model", GUARDED)
def test_an_upsert_does_not_pass_the_guards(model):
    table, key = model._meta.db_table, model._meta.pk.column
    first = "WHERE true" if connection.vendor == "sqlite" else ""
    refused(
        f"INSERT INTO {table} SELECT * FROM {table} {first} ON CONFLICT ({key}) DO UPDATE SET {key} = {table}.{key}"
    )


def test_the_guards_can_be_taken_down_and_put_up_by_a_migration():
    guards = import_module("audit.migrations.0002_guards")
    with connection.schema_editor() as editor:
        guards.take_down(None, editor)
        guards.put_up(None, editor)

    refused("DELETE FROM audit_leaf")
