"""The catalogue of services as a file that people keep: YAML, read strictly, written the way it is read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from core import strict_yaml
from core.errors import BadInputError
from incidents.catalogue_api import Described
from incidents.models import Dependency, Service

MOST, MAX_SIZE, SAID = 5_000, 2_000_000, 20
FORM: Final = "The file is a list of services, each beginning with `- slug:`."


class CatalogueError(BadInputError):
    """The file cannot be used; `problems` has a sentence for each thing that is wrong."""

    code, title = "bad-catalogue", "The catalogue cannot be used"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems[:SAID]), problems=list(problems[:SAID]))


def parse(text: str) -> list[dict[str, Any]]:
    """What the file says of each service; what it leaves out of one is not in there.

    Raises:
        CatalogueError: With everything that is wrong, not only the first.
    """
    if len(text) > MAX_SIZE:
        raise CatalogueError([f"The file has {len(text)} characters; {MAX_SIZE} are allowed."])
    try:
        items = strict_yaml.read(text)
    except strict_yaml.NotYamlError as error:
        raise CatalogueError([f"The file is not YAML: {error}"]) from error
    if not isinstance(items, list) or len(items) > MOST:
        raise CatalogueError([f"{FORM} At most {MOST} are taken."])
    problems: list[str] = []
    found = [_entry(number, item, problems) for number, item in enumerate(items, 1)]
    slugs = Counter(str(told.get("slug")) for told in found)
    problems += [f"Two entries are about {slug!r}." for slug, number in sorted(slugs.items()) if number > 1]
    if problems:
        raise CatalogueError(problems)
    return found


def _entry(number: int, item: object, problems: list[str]) -> dict[str, Any]:
    if not isinstance(item, Mapping) or not isinstance(item.get("slug"), str):
        problems.append(f"Entry {number} has no `slug`. {FORM}")
        return {"slug": number}
    told = Described(data=dict(item))
    where = f"{item['slug'][:120]!r}"
    odd = sorted({str(name) for name in item} - set(told.get_fields()))
    if odd:
        problems.append(f"{where} has the field {odd[0][:40]!r}; there are {', '.join(told.get_fields())}.")
    if not told.is_valid():
        problems += [f"{where}, {name}: {_sentence(why)}" for name, why in told.errors.items()]
        return {"slug": item["slug"]}
    return dict(told.validated_data)


def _sentence(why: object) -> str:
    if isinstance(why, Mapping):
        return " ".join(f"entry {at + 1}: {_sentence(one)}" for at, one in why.items())
    return " ".join(map(str, why)) if isinstance(why, list) else str(why)


def write() -> str:
    """The catalogue as such a file."""
    called: dict[str, list[str]] = {}
    for caller, callee in Dependency.objects.order_by("caller", "callee").values_list("caller", "callee"):
        called.setdefault(caller, []).append(callee)
    names = [name for name in Described().get_fields() if name != "depends_on"]
    rows = Service.objects.order_by("slug").values(*names)
    told = [{**row, "depends_on": called.get(row["slug"], [])} for row in rows]
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True) if told else ""
