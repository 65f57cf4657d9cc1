"""One connected system: how things stand with it, and what an import from its CMDB does or would do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.models import Bond, Connection, ImportState, ServiceImport
from connectors.services.enter_found import FRESH
from console import phrases
from console.selectors import mirrors
from console.selectors.mirrors import Link, Mirror
from core import clock
from core.errors import NotFoundError

MOST_SHOWN = 200
TITLES = {"new": "Added", "changed": "Changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A service that is added or changed, and what changes; `is_known` where the catalogue has it now."""

    slug: str
    name: str
    where: str
    what: Sequence[str]
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How far an import is.

    Attributes:
        state: one of `ImportState`.
        position, total: services that were gone through; `total` is 0 until they were read.
        groups: what is added and what is changed, as title, count and the first rows.
        left: sentences about what is not taken.
        is_fresh: whether what was looked at may still be entered.
    """

    state: str
    asked_by: str
    position: int
    total: int
    groups: Sequence[tuple[str, int, Sequence[Row]]]
    new: int
    changed: int
    same: int
    left: Sequence[str]
    error: str
    at: datetime
    is_fresh: bool

    @property
    def said(self) -> str:
        """What it comes to, as a sentence."""
        told = [(self.new, "added"), (self.changed, "changed")]
        said = " and ".join(f"{phrases.digits(count)} {self._be(count)} {word}" for count, word in told if count)
        return said or "Nothing differs"

    def _be(self, count: int) -> str:
        if self.state != ImportState.DONE:
            return "would be"
        return "was" if count == 1 else "were"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The page of one connection."""

    link: Link
    address: str
    read_to: str
    next_at: datetime | None
    failures: int
    refused: Sequence[Mirror]
    found: Import | None

    @property
    def headline(self) -> str:
        """How it stands, as a sentence."""
        link = self.link
        if link.paused_until:
            return f"{link.name} is paused"
        if link.pause:
            return f"{link.name} has trouble"
        if link.mirrors:
            return f"{link.name} answers" if link.answered_at else f"{link.name} has not answered yet"
        return f"{link.name} is asked when it is needed"


def read(name: str, *, with_import: bool) -> Connected:
    """The page of a connection.

    Raises:
        NotFoundError: There is none of that name.
    """
    connection = Connection.objects.filter(name=name, is_active=True).first()
    if connection is None:
        detail = f"Nothing is connected by the name {name[:80]!r}."
        raise NotFoundError(detail)
    bond = Bond.objects.filter(connection=connection).first()
    found = ServiceImport.objects.filter(connection=connection).first() if with_import else None
    parts = urlsplit(str(connection.config.get("url", "")))
    return Connected(
        link=mirrors.connections(name=name)[0],
        address=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.hostname else "",
        read_to=bond.polled_to if bond else "",
        next_at=bond.poll_at if bond else None,
        failures=bond.failures if bond else 0,
        refused=mirrors.refused(connection),
        found=_import(found) if found else None,
    )


def _import(one: ServiceImport) -> Import:
    rows: list[Mapping[str, Any]] = one.found or []
    kinds = Counter(row.get("kind", "") for row in rows)
    at = one.ended_at or one.looked_at or one.began_at
    return Import(
        state=one.state,
        asked_by=one.asked_by,
        position=one.position,
        total=len(rows),
        groups=[(_title(one, kind), kinds[kind], _rows(one, kind)) for kind in TITLES if kinds[kind]],
        new=kinds["new"],
        changed=kinds["changed"],
        same=kinds["same"],
        left=one.left,
        error=one.error,
        at=at,
        is_fresh=one.state == ImportState.READY and clock.now() - at <= FRESH,
    )


def _title(one: ServiceImport, kind: str) -> str:
    return TITLES[kind] if one.state == ImportState.DONE else f"Would be {TITLES[kind].lower()}"


def _rows(one: ServiceImport, kind: str) -> list[Row]:
    is_known = kind == "changed" or one.state == ImportState.DONE
    return [_row(row, is_known=is_known) for row in one.found or () if row.get("kind") == kind][:MOST_SHOWN]


def _row(row: Mapping[str, Any], *, is_known: bool) -> Row:
    needs = [f"depends on {', '.join(row['needs'])}"] if row["needs"] else []
    told = [row["criticality"], *([f"team {row['team']}"] if row["team"] else []), *needs]
    return Row(
        slug=row["slug"], name=row["name"], where=row["environment"], what=row["what"] or told, is_known=is_known
    )
