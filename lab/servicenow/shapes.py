"""How a row is shown: values, display values or both, references as objects with links."""

from collections.abc import Iterable

from lab.servicenow.queries import Row
from lab.servicenow.store import Store
from lab.servicenow.tables import JOURNALS, TABLES

Shown = str | dict[str, str]


def show(store: Store, table: str, row: Row, asked: dict[str, str], base: str) -> dict[str, Shown]:
    """A row as `sysparm_display_value`, `sysparm_fields` and `sysparm_exclude_reference_link` ask for."""
    mode, plain = asked.get("sysparm_display_value", "false"), asked.get("sysparm_exclude_reference_link") == "true"
    wanted: Iterable[str] = [one for one in asked.get("sysparm_fields", "").split(",") if one] or sorted(row)
    return {name: _field(store, table, row, name, mode, base if not plain else "") for name in wanted if name in row}


def _field(store: Store, table: str, row: Row, name: str, mode: str, base: str) -> Shown:
    value = row[name]
    refers = TABLES[table].references.get(name)
    said = label(store, table, row, name)
    link = {"link": f"{base}/api/now/table/{refers}/{value}"} if refers and value and base else {}
    if mode == "all":
        return {"display_value": said, "value": value, **link}
    if mode == "true":
        return {"display_value": said, **link} if link else said
    return {"value": value, **link} if link else value


def label(store: Store, table: str, row: Row, name: str) -> str:
    """What a field shows to people."""
    kind, value = TABLES[table], row[name]
    if name in JOURNALS:
        return "\n\n".join(reversed(store.journal[row["sys_id"], name]))
    if name in kind.choices:
        return kind.choices[name].get(value, value)
    refers = kind.references.get(name)
    other = store.get(refers, value) if refers and value else None
    return other[TABLES[refers].shown] if other is not None and refers else value
