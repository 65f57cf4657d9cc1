"""The permissions as a page of the docs: asked of the same tables that decide, so that it cannot say otherwise."""

from collections.abc import Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from core.actors import PLANNER, SYSTEM, Actor, Role
from core.permissions import Grants, Permission
from people.models import Person

PACKAGES: Final = ("people", "audit", "incidents", "approvals", "connectors", "console")
HEAD: Final = """# Permissions

Written by `./manage.py permissions` from the tables that decide; a test keeps it true. The same tables answer for
pages, API, sockets and exports. Who may *sign* is decided by the signed registry, not here: this table only decides
whose signature is asked for.

**yes**: whoever holds the role everywhere. **there**: also whoever holds it by `team:<slug>` or `service:<env>/<slug>`,
for what belongs there: to read, one of the services that it touches must be theirs; to act, all of them. **own**: every
signed-in person, for what is theirs. *Host*: a command run on the computer of the console. *Machine*: agents and
services of the console. Absent means refused.

"""
PLACE: Final = "service:lab/payments"
THEIRS: Final = "0" * 16


def tables() -> Mapping[Permission, Grants]:
    """Each permission's own table."""
    found: dict[Permission, Grants] = {}
    for package in PACKAGES:
        grants: Grants = import_module(f"{package}.permissions").grants
        found |= dict.fromkeys(grants.table, grants)
    return found


def markdown() -> str:
    """The page."""
    roles = sorted(Role)
    known = tables()
    head = ["permission", *roles, "anybody", "host", "machine"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_row(permission, known[permission])) for permission in sorted(Permission)]
    return HEAD + "\n".join(lines) + "\n"


def _row(permission: Permission, grants: Grants) -> list[str]:
    cells = [f"`{permission.value}`"]
    cells += [_held(permission, grants, str(role)) for role in sorted(Role)]
    cells.append("own" if grants.allow(permission, Actor(id=f"person:{THEIRS}"), _own()) else "")
    cells.append("yes" if grants.allow(permission, SYSTEM, _other()) else "")
    cells.append("yes" if grants.allow(permission, PLANNER, _other()) else "")
    return cells


def _held(permission: Permission, grants: Grants, role: str) -> str:
    everywhere = Actor(id=f"person:{THEIRS}", roles=frozenset({role}))
    partly = Actor(id=f"person:{THEIRS}", scoped=frozenset({(role, PLACE)}))
    if grants.allow(permission, partly, _noun()):
        return "yes, there"
    return "yes" if grants.allow(permission, everywhere, _other()) else ""


def _noun() -> Any:  # noqa: ANN401 -- anything that belongs somewhere
    return SimpleNamespace(places=lambda: (frozenset({PLACE}),))


def _own() -> Person:
    return Person(pk=THEIRS)


def _other() -> Person:
    return Person(pk="1" * 16)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
