"""Read and write many rows of a model in one statement; on PostgreSQL a prepared one, whatever their number."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import connection, models

Rows = Sequence[models.Model]
Row = TypeVar("Row", bound=models.Model)


def find(model: type[Row], name: str, values: Sequence[str]) -> list[Row]:
    """Rows of which a field of text is one of these values: what is asked so often that putting it together counts."""
    field = _field(model, name)
    if connection.vendor != "postgresql":
        return list(model._default_manager.filter(**{f"{field.attname}__in": values}))  # noqa: SLF001
    fields, statement = _fields(model), _select(model, field.column)
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        found = cursor.execute(statement, [list(values)], prepare=True).fetchall()
    names = [one.attname for one in fields]
    return [model.from_db(connection.alias, names, [*map(_read, fields, row)]) for row in found]


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """So many ids for new rows, ascending, that nobody else gets. Call it in a transaction, and write them in it."""
    table = model._meta.db_table  # noqa: SLF001 -- Django's documented way to a model's table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            serial = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(serial, [table, count])
            return sorted(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])  # a writer is alone here
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], rows: Rows, *, ids: bool = True) -> None:
    """Insert rows that have their ids; or, without `ids`, rows that get theirs by it and do not get to know them.

    It is one statement, so outside a transaction too all are inserted or none.

    Raises:
        IntegrityError: One of them is there already, or breaks another constraint; then none is inserted.
    """
    if not rows:
        return
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows)  # noqa: SLF001 -- the default manager, whatever its name
    else:
        fields = tuple(field for field in _fields(model) if ids or not field.primary_key)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        table = model._meta.db_table  # noqa: SLF001
        statement = f'INSERT INTO "{table}" ({columns}) SELECT * FROM unnest({_arrays(fields)})'  # noqa: S608 -- a model's
        _execute(statement, fields, rows)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 -- as `save` leaves it


def update(model: type[models.Model], rows: Rows, names: Iterable[str]) -> None:
    """Write these fields of rows that exist."""
    if not rows:
        return
    if connection.vendor != "postgresql":
        model._default_manager.bulk_update(rows, list(names))  # noqa: SLF001
        return
    changed = [_field(model, name) for name in names]
    fields = (_field(model, "id"), *changed)
    given = ", ".join(f'"{field.column}"' for field in fields)
    sets = ", ".join(f'"{field.column}" = given."{field.column}"' for field in changed)
    table = model._meta.db_table  # noqa: SLF001
    statement = f'UPDATE "{table}" AS held SET {sets} FROM unnest({_arrays(fields)}) AS given({given})'  # noqa: S608
    _execute(f"{statement} WHERE held.id = given.id", fields, rows)


def _execute(statement: str, fields: Sequence["models.Field[Any, Any]"], rows: Rows) -> None:
    connection.ensure_connection()
    values = [_column(field, rows) for field in fields]
    # Django's own cursor would write each value into the text; prepared, the server reads and plans it once.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), values, prepare=True)


def _column(field: "models.Field[Any, Any]", rows: Rows) -> list[Any]:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, models.JSONField):
        return [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    return values


@cache
def _select(model: type[models.Model], column: str) -> bytes:
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{column}" = ANY(%b)'.encode()  # noqa: S608, SLF001 -- a model's


def _read(field: "models.Field[Any, Any]", value: object) -> object:
    return json.loads(value) if isinstance(field, models.JSONField) and isinstance(value, str) else value


@cache
def _arrays(fields: tuple["models.Field[Any, Any]", ...]) -> str:
    return ", ".join(f"%b::{_type(field)}" for field in fields)


def _type(field: "models.Field[Any, Any]") -> str:
    """The array's type; of texts the one without a limit, so that what is too long is refused and not cut."""
    if isinstance(field, models.JSONField):
        return "text[]::jsonb[]"
    name = str(field.db_type(connection))
    return "text[]" if name.startswith("varchar") else f"{name}[]"


def _fields(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    return list(model._meta.concrete_fields)  # noqa: SLF001


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return model._meta.get_field(name)  # type: ignore[return-value]  # noqa: SLF001 -- a concrete one
