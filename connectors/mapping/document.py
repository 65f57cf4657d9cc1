"""A mapping as it is stored, checked strictly, and as it is used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.mapping import paths
from connectors.mapping.paths import Path
from core.errors import BadInputError
from incidents.events import Severity, Status

FIELDS = (
    *("title", "description", "service", "environment", "region", "team"),
    *("starts_at", "ends_at", "at", "source_event_id"),
)
"""Fields of an event that are looked for at paths; the first one that is there counts."""
OTHERS = ("items", "status", "severity", "resource", "labels", "links", "fingerprint", "ignore")
MOST_PATHS, MOST_WORDS, MOST_LABELS, MOST_IGNORED, WORD = 8, 200, 64, 20, 120
LINKS = ("source", "runbook", "dashboard")
Chain = tuple[Path, ...]


class MappingError(BadInputError):
    """The mapping cannot be used.

    Attributes:
        problems: where in it, such as `status.words`, to what is wrong there.
    """

    code, title = "bad-mapping", "The mapping cannot be used"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{where}: {why}" for where, why in problems.items())[:2000], problems=dict(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A mapping that was checked.

    Attributes:
        items: where the alerts lie; None where the body is one, or a list of them.
        fields: of each of `FIELDS` the paths to look at.
        statuses, severities: the sender's word, lower case, to ours; beside ours own, which are always known.
        status_absent: what an alert counts as where no status is there.
        fingerprint: the paths whose values make it the same alert.
        ignore: an alert with this text at this path is left out.
    """

    items: Path | None
    fields: Mapping[str, Chain]
    status: Chain
    statuses: Mapping[str, Status]
    status_absent: Status
    severity: Chain
    severities: Mapping[str, Severity]
    severity_absent: Severity
    resource_type: str
    resource: Chain
    labels: Mapping[str, Path]
    links: Mapping[str, Chain]
    fingerprint: Chain
    ignore: tuple[tuple[Path, str], ...]


@dataclass(slots=True)
class _Check:
    """Reads parts of a document and gathers what is wrong with them."""

    problems: dict[str, str] = field(default_factory=dict)

    def wrong(self, where: str, why: str) -> None:
        """Remember the first thing that is wrong somewhere."""
        if len(self.problems) < 20:
            self.problems.setdefault(where, why)

    def part(self, where: str, value: object) -> Mapping[str, Any]:
        """An object, or nothing."""
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            self.wrong(where, "This must be an object.")
            return {}
        return value

    def only(self, where: str, value: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Refuse names that mean nothing here."""
        odd = sorted(set(value) - set(names))
        if odd:
            self.wrong(where, f"{odd[0][:40]!r} is not known here. There are: {', '.join(names)}.")

    def path(self, where: str, value: object) -> Path | None:
        """One path."""
        if not isinstance(value, str) or not value.strip():
            self.wrong(where, "This must be a path, such as labels.host.")
            return None
        try:
            return paths.parse(value)
        except paths.PathError as error:
            self.wrong(where, str(error))
            return None

    def chain(self, where: str, value: object) -> Chain:
        """Several paths, the best one first."""
        listed = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(listed, list) or len(listed) > MOST_PATHS:
            self.wrong(where, f"This must be a path, or a list of at most {MOST_PATHS}.")
            return ()
        found = (self.path(where, one) for one in listed)
        return tuple(one for one in found if one is not None)

    def text(self, where: str, value: object, limit: int = WORD) -> str:
        """A text of at most so many characters."""
        if not isinstance(value, str) or len(value) > limit:
            self.wrong(where, f"This must be a text of at most {limit} characters.")
            return ""
        return value

    def words(self, where: str, value: object, ours: type[Status] | type[Severity]) -> dict[str, str]:
        """The sender's words, each to one of ours."""
        told = self.part(where, value)
        if len(told) > MOST_WORDS:
            self.wrong(where, f"At most {MOST_WORDS} words are taken.")
            return {}
        known = [str(one) for one in ours]
        found: dict[str, str] = {}
        for word, meaning in told.items():
            key = word.strip().lower()
            if not key or len(key) > WORD:
                self.wrong(where, f"A word has 1 to {WORD} characters.")
            elif meaning not in known:
                self.wrong(where, f"{word[:40]!r} means {str(meaning)[:40]!r}, which is none of {', '.join(known)}.")
            elif found.setdefault(key, meaning) != meaning:
                self.wrong(where, f"{word[:40]!r} stands twice, with two meanings.")
        return found

    def one_of(self, where: str, value: object, ours: Any, otherwise: Any) -> Any:  # noqa: ANN401 -- an enum
        """One of our words."""
        if value is None:
            return otherwise
        if value not in [str(one) for one in ours]:
            self.wrong(where, f"This must be one of {', '.join(str(one) for one in ours)}.")
            return otherwise
        return ours(value)


def check(document: object) -> Rules:
    """Read a mapping; nothing in it is guessed.

    Raises:
        MappingError: With each part that is wrong.
    """
    problems = _Check()
    if not isinstance(document, Mapping):
        raise MappingError({"mapping": "A mapping is a JSON object."})
    told = problems.part("mapping", document)
    problems.only("mapping", told, (*FIELDS, *OTHERS))
    rules = _rules(problems, told)
    if not rules.fields["title"]:
        problems.wrong("title", "Say where the title stands.")
    if not rules.status:
        problems.wrong("status", "Say where the status stands, or write a constant: = firing.")
    if not [path for path in rules.fingerprint if path.constant is None]:
        problems.wrong(
            "fingerprint", "Name at least one field that is equal in firing and resolve, and differs between alerts."
        )
    if problems.problems:
        raise MappingError(problems.problems)
    return rules


def _rules(problems: _Check, told: Mapping[str, Any]) -> Rules:
    status, severity = (_part(problems, told, name, ("paths", "words", "absent")) for name in ("status", "severity"))
    resource = _part(problems, told, "resource", ("type", "paths"))
    return Rules(
        items=_items(problems, told.get("items")),
        fields={name: problems.chain(name, told.get(name)) for name in FIELDS},
        status=problems.chain("status", status.get("paths")),
        statuses={
            **{str(one): one for one in Status},
            **{
                word: Status(ours) for word, ours in problems.words("status.words", status.get("words"), Status).items()
            },
        },
        status_absent=problems.one_of("status.absent", status.get("absent"), Status, Status.UNCLASSIFIED),
        severity=problems.chain("severity", severity.get("paths")),
        severities={
            word: Severity(ours)
            for word, ours in problems.words("severity.words", severity.get("words"), Severity).items()
        },
        severity_absent=problems.one_of("severity.absent", severity.get("absent"), Severity, Severity.WARNING),
        resource_type=problems.text("resource", resource.get("type", "resource"), 40) or "resource",
        resource=problems.chain("resource", resource.get("paths")),
        labels=_labels(problems, told.get("labels")),
        links=_links(problems, told.get("links")),
        fingerprint=problems.chain("fingerprint", told.get("fingerprint")),
        ignore=_ignore(problems, told.get("ignore")),
    )


def _part(problems: _Check, told: Mapping[str, Any], name: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    part = problems.part(name, told.get(name))
    problems.only(name, part, names)
    return part


def _items(problems: _Check, value: object) -> Path | None:
    found = problems.path("items", value) if value not in (None, "") else None
    if found is not None and found.constant is not None:
        problems.wrong("items", "This must be a path, such as alerts[*].")
    return found


def _labels(problems: _Check, value: object) -> dict[str, Path]:
    return _each(problems, "labels", value, problems.path, MOST_LABELS)


def _links(problems: _Check, value: object) -> dict[str, Chain]:
    part = problems.part("links", value)
    problems.only("links", part, LINKS)
    return {name: problems.chain("links", one) for name, one in part.items()}


def _each(
    problems: _Check, where: str, value: object, read: Callable[[str, object], Path | None], most: int
) -> dict[str, Path]:
    part = problems.part(where, value)
    if len(part) > most:
        problems.wrong(where, f"At most {most} are taken.")
        return {}
    found = {problems.text(where, name): read(where, one) for name, one in part.items()}
    return {name: path for name, path in found.items() if path is not None}


def _ignore(problems: _Check, value: object) -> tuple[tuple[Path, str], ...]:
    listed = [] if value is None else value
    if not isinstance(listed, list) or len(listed) > MOST_IGNORED:
        problems.wrong("ignore", f"This must be a list of at most {MOST_IGNORED}.")
        return ()
    found = []
    for one in listed:
        part = problems.part("ignore", one)
        problems.only("ignore", part, ("path", "equals"))
        path = problems.path("ignore", part.get("path"))
        if path is not None:
            found.append((path, problems.text("ignore", part.get("equals")).strip().lower()))
    return tuple(found)
