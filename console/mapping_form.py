"""A mapping as people type it, there and back: paths with commas between, words and labels a line each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.mapping.document import FIELDS
from incidents.events import Severity, Status

PATHS = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form: its name there, what it is called, where it stands in a mapping, and a word of help."""

    name: str
    title: str
    where: str
    note: str = ""
    form: str = "path"


MAIN: Sequence[Field] = (
    Field("items", "alerts lie in", "items", "empty: the body is one alert, or a list of them"),
    Field("title", "title", "title", "several with commas: the first that is there counts"),
    Field("status", "status", "status"),
    Field("status_words", "means", "status.words", "a line each: LATE = firing", "lines"),
    Field("severity", "severity", "severity"),
    Field("severity_words", "means", "severity.words", "a line each: 14 = critical", "lines"),
    Field("service", "service", "service"),
    Field("environment", "environment", "environment", "a constant is written = prod-eu"),
    Field("starts_at", "starts_at", "starts_at"),
    Field("fingerprint", "same alert, if equal", "fingerprint", "equal when it fires and when it resolves"),
)
MORE: Sequence[Field] = (
    Field("ends_at", "ends_at", "ends_at"),
    Field("at", "at", "at", "when this change happened, if told apart"),
    Field("description", "description", "description"),
    Field("resource", "resource", "resource"),
    Field("resource_type", "of the type", "resource", "such as host", "text"),
    Field("region", "region", "region"),
    Field("team", "team", "team"),
    Field("source_event_id", "its own id", "source_event_id"),
    Field("link", "link", "links"),
    Field("labels", "labels", "labels", "a line each: shard = ctx.shard", "lines"),
    Field("ignore", "ignore, when", "ignore", "a line each: type = heartbeat", "lines"),
)
EVERY = (*MAIN, *MORE)
CHOICES = {
    "status_absent": ([str(one) for one in Status], "unclassified"),
    "severity_absent": ([str(one) for one in Severity], "warning"),
}


def typed(post: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field."""
    names = [*(field.name for field in EVERY), *CHOICES]
    return {name: str(post.get(name, ""))[:LONGEST].replace("\r\n", "\n") for name in names}


def to_document(told: Mapping[str, str]) -> dict[str, Any]:
    """A mapping of what was typed; unchecked."""
    document: dict[str, Any] = {name: _paths(told[name]) for name in (*FIELDS, "fingerprint")}
    if told["items"].strip():
        document["items"] = told["items"].strip()
    for name in ("status", "severity"):
        document[name] = {
            "paths": _paths(told[name]),
            "words": _pairs(told[f"{name}_words"], last=True),
            "absent": told[f"{name}_absent"] or CHOICES[f"{name}_absent"][1],
        }
    if told["resource"].strip():
        document["resource"] = {"type": told["resource_type"].strip() or "resource", "paths": _paths(told["resource"])}
    document["labels"] = _pairs(told["labels"])
    document["links"] = {"source": _paths(told["link"])} if told["link"].strip() else {}
    document["ignore"] = [{"path": path, "equals": word} for path, word in _pairs(told["ignore"]).items()]
    return {name: value for name, value in document.items() if value not in ([], {})}


def to_typed(document: Mapping[str, Any]) -> dict[str, str]:
    """A mapping that was checked, as it would be typed."""
    status, severity = document.get("status", {}), document.get("severity", {})
    resource = document.get("resource", {})
    return {
        **{name: _joined(document.get(name)) for name in (*FIELDS, "fingerprint")},
        "items": document.get("items") or "",
        "status": _joined(status.get("paths")),
        "status_words": _lines(status.get("words")),
        "status_absent": status.get("absent") or CHOICES["status_absent"][1],
        "severity": _joined(severity.get("paths")),
        "severity_words": _lines(severity.get("words")),
        "severity_absent": severity.get("absent") or CHOICES["severity_absent"][1],
        "resource": _joined(resource.get("paths")),
        "resource_type": resource.get("type", ""),
        "link": _joined(document.get("links", {}).get("source")),
        "labels": _lines(document.get("labels")),
        "ignore": "\n".join(f"{one['path']} = {one['equals']}" for one in document.get("ignore", [])),
    }


def _paths(text: str) -> list[str]:
    if text.strip().startswith("="):
        return [text.strip()]
    return [path.strip() for path in PATHS.findall(text) if path.strip()]


def _joined(value: object) -> str:
    return value if isinstance(value, str) else ", ".join(str(one) for one in value) if isinstance(value, list) else ""


def _pairs(text: str, *, last: bool = False) -> dict[str, str]:
    """Lines of `this = that`; a line without a sign stands for itself, so that the check can say what is wrong."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        left, sign, right = line.rpartition("=") if last else line.partition("=")
        if line.strip():
            found[left.strip() if sign else line.strip()] = right.strip() if sign else ""
    return found


def _lines(value: object) -> str:
    return "\n".join(f"{name} = {one}" for name, one in value.items()) if isinstance(value, Mapping) else ""
