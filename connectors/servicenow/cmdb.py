"""What the CMDB says about services, in the catalogue's words. Pure.

Services are `cmdb_ci_service` and the classes below it; what they need is told by `cmdb_rel_ci`, whose type is named
from both ends, as in `Depends on::Used by`: the parent depends on the child.
https://www.servicenow.com/docs/bundle/xanadu-servicenow-platform/page/product/configuration-management/concept/c_CIRelationships.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import slugify

from connectors.servicenow.query import text_of

SERVICES: Final = "cmdb_ci_service"
RELATIONS: Final = "cmdb_rel_ci"
OPERATIONAL: Final = "1"
FIELDS: Final = (
    "sys_id",
    "name",
    "operational_status",
    "used_for",
    "environment",
    "support_group",
    "busines_criticality",
)
"""`busines_criticality` is how ServiceNow spells it."""
ENDS: Final = ("sys_id", "parent", "child", "type")
NEEDS: Final = frozenset({"depends on::used by", "uses::used by", "consumes::consumed by"})
CRITICALITIES: Final = {"1": "critical", "2": "important"}
LONGEST: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A service over there.

    Attributes:
        sys_id: its own id there.
        slug: made of its name; alerts name services by it.
    """

    sys_id: str
    slug: str
    name: str
    environment: str
    criticality: str
    team: str


def services(rows: Iterable[Mapping[str, Any]], environment: str) -> tuple[list[Found], list[str]]:
    """Services by their names, and a sentence for each row that is none of them.

    Args:
        rows: of `SERVICES`, each field with its value and what is displayed.
        environment: where a service is that names no environment itself.
    """
    found: dict[str, Found] = {}
    left = []
    for row in sorted(rows, key=lambda row: text_of(row.get("sys_id"))):
        name = shown(row.get("name"))[:LONGEST]
        slug = slugify(name)[:LONGEST]
        if not slug:
            left.append(f"The service {text_of(row.get('sys_id'))} has no name that could be written here.")
        elif slug in found:
            left.append(f"{name!r} is there more than once; the one with the id {found[slug].sys_id} was taken.")
        else:
            found[slug] = _found(row, slug, name, environment)
    return list(found.values()), left


def needs(rows: Iterable[Mapping[str, Any]], slugs: Mapping[str, str]) -> tuple[set[str], int]:
    """Slugs of the services that a service depends on, and how many relations say something else.

    Args:
        rows: of `RELATIONS`, with that service as the parent.
        slugs: sys_id to slug of the services that were found.
    """
    needed, other = set(), 0
    for row in rows:
        child = slugs.get(text_of(row.get("child")))
        if child is not None and shown(row.get("type")).strip().lower() in NEEDS:
            needed.add(child)
        else:
            other += 1
    return needed, other


def shown(value: object) -> str:
    """What a field displays; its value where it displays nothing."""
    said = value.get("display_value") if isinstance(value, Mapping) else value
    return str(said).strip() if isinstance(said, str) and said.strip() else text_of(value).strip()


def _found(row: Mapping[str, Any], slug: str, name: str, environment: str) -> Found:
    return Found(
        sys_id=text_of(row.get("sys_id")),
        slug=slug,
        name=name,
        environment=(slugify(shown(row.get("used_for")) or shown(row.get("environment"))) or environment)[:80],
        criticality=CRITICALITIES.get(text_of(row.get("busines_criticality"))[:1], "normal"),
        team=slugify(shown(row.get("support_group")))[:80],
    )
