"""A mapping tried out: the payload line by line, the event at once, and what would change for past deliveries."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from connectors.adapters import adapter_of, in_force
from connectors.base import Outcome, Parsed, RawDelivery
from connectors.intake import strict_json
from connectors.mapping import paths
from connectors.mapping.document import MappingError, Rules, check
from connectors.models import Delivery, Source
from connectors.sources.mapped import Mapped
from connectors.told import Source as Adapter
from console import mapping_form, phrases
from console.selectors.delivery import fields, read_with
from console.selectors.payload import Line, escaped, lines, places
from core import clock
from core.errors import BadInputError, ConsoleError
from incidents.events import Status

MOST_EVENTS = 5
COMPARED, COMPARED_BYTES, DIFFERING = 50, 2_000_000, 8
PAYLOAD = 64_000
LOOKED_AT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of trying.

    Attributes:
        why: what is wrong with a field of the form, or that nothing is found there.
        events: of each event rows of name, value, and where it comes from.
        trouble: why the payload cannot be read at all.
    """

    lines: Sequence[Line] = ()
    why: Mapping[str, str] = field(default_factory=dict)
    wrong: bool = False
    events: Sequence[Sequence[tuple[str, str, str]]] = ()
    more: int = 0
    outcome: str = ""
    warnings: Sequence[str] = ()
    trouble: str = ""
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One past delivery that would be read differently."""

    uid: str
    at: Any
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Past deliveries read with the mapping in force and with the draft."""

    version: int
    alike: int
    newly: int
    differently: int
    lost: int
    changes: Sequence[Change]

    @property
    def count(self) -> int:
        """How many were read."""
        return self.alike + self.newly + self.differently + self.lost


def latest_payload(source: Source, uid: str = "") -> str:
    """The body of a delivery, or of the newest, as text to start from."""
    found = Delivery.objects.filter(source=source).order_by("-id")
    chosen = found.filter(uid=uid[:32]).first() if uid else found.first()
    if chosen is None:
        return ""
    text = bytes(chosen.body).decode("utf-8", "replace")
    try:
        value, _ = strict_json.parse(bytes(chosen.body))
    except BadInputError:
        return text[:PAYLOAD]
    pretty = escaped(json.dumps(value, indent=2, ensure_ascii=False))
    return pretty if len(pretty) <= PAYLOAD else text[:PAYLOAD]


def attempt(source: Source, payload: str, told: Mapping[str, str]) -> Tried:
    """Read a payload by a draft; stores nothing and never raises."""
    why: dict[str, str] = {}
    rules: Rules | None = None
    try:
        rules = check(mapping_form.to_document(told))
    except MappingError as error:
        why = _by_field(error.problems)
    if not payload.strip():
        return Tried(why=why, wrong=bool(why), empty=True)
    try:
        value, noted = strict_json.parse(payload.encode("utf-8", "replace"))
    except BadInputError as error:
        return Tried(why=why, wrong=bool(why), trouble=error.detail)
    shown = lines(value, told)
    if rules is None:
        return Tried(lines=shown, why=why, wrong=True)
    raw = RawDelivery(uid="preview", source=source.slug, received_at=clock.now(), value=value)
    parsed = Mapped(rules).parse(raw)
    return Tried(
        lines=shown,
        why=_not_found(value, told, rules),
        events=[_rows(event.as_json(), told) for event in parsed.events[:MOST_EVENTS]],
        more=max(0, len(parsed.events) - MOST_EVENTS),
        outcome=parsed.outcome.value,
        warnings=(*noted, *parsed.warnings),
    )


def compare(source: Source, told: Mapping[str, str]) -> Compared:
    """Read the last deliveries with both.

    Raises:
        MappingError: The draft cannot be used.
    """
    draft, latest = Mapped(check(mapping_form.to_document(told))), in_force(source)
    counts = dict.fromkeys(("alike", "newly", "differently", "lost"), 0)
    changes: list[Change] = []
    taken = 0
    for delivery in Delivery.objects.filter(source=source).order_by("-id")[:COMPARED].iterator(chunk_size=10):
        taken += len(bytes(delivery.body))
        if taken > COMPARED_BYTES:
            break
        before, after = _read(delivery, _now(source)), _read(delivery, draft)
        kind = _kind(before, after)
        counts[kind] += 1
        if kind != "alike" and len(changes) < DIFFERING:
            changes.append(
                Change(uid=delivery.uid, at=delivery.received_at, before=_said(before), after=_said(after, before))
            )
    return Compared(version=latest.version if latest else 0, changes=changes, **counts)


def _now(source: Source) -> Adapter:
    try:
        return adapter_of(source)
    except ConsoleError:
        return Mapped()


def _read(delivery: Delivery, adapter: Adapter) -> Parsed:
    return read_with(adapter, delivery)


def _known(parsed: Parsed) -> int:
    return sum(event.status is not Status.UNCLASSIFIED for event in parsed.events)


def _kind(before: Parsed, after: Parsed) -> str:
    if before.outcome is after.outcome and before.events == after.events:
        return "alike"
    if _known(before) < _known(after) and not _known(before):
        return "newly"
    return "lost" if _known(before) and not _known(after) else "differently"


def _said(parsed: Parsed, before: Parsed | None = None) -> str:
    """The outcome in a few words; where it is two events of the same words, what else differs."""
    if not parsed.events:
        return {Outcome.REJECT: "dead letter", Outcome.IGNORED: "ignored"}.get(parsed.outcome, parsed.outcome.value)
    first = parsed.events[0]
    told = f"{first.status.value}, {first.severity.value}: {first.title[:80]}"
    if len(parsed.events) > 1:
        told = f"{phrases.plural(len(parsed.events), 'event')}, {told}"
    if before is not None and before.events and before.events[0].fingerprint != first.fingerprint:
        told += " (another alert than before)"
    return told


def _rows(event: Mapping[str, Any], told: Mapping[str, str]) -> list[tuple[str, str, str]]:
    constant = {"kind": "always", "fingerprint": told.get("fingerprint", ""), "links": told.get("link", "")}
    return [
        (name, value, constant.get(name) or told.get(name, "").replace("\n", "; ")) for name, value in fields(event)
    ]


def _by_field(problems: Mapping[str, str]) -> dict[str, str]:
    names = {one.where: one.name for one in reversed(mapping_form.EVERY)} | {
        "status.absent": "status",
        "severity.absent": "severity",
    }
    return {names.get(where, "title"): why for where, why in problems.items()}


def _items(value: object, rules: Rules) -> list[object]:
    if rules.items:
        return list(islice(paths.follow(rules.items, value), LOOKED_AT))
    return value[:LOOKED_AT] if isinstance(value, list) else [value]


def _not_found(value: object, told: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """For each field whose paths lead nowhere in the payload, the nearest path that does."""
    there = places(value, told)
    items = _items(value, rules)
    chains = {**rules.fields, "status": rules.status, "severity": rules.severity, "resource": rules.resource}
    chains["fingerprint"] = rules.fingerprint
    why: dict[str, str] = {}
    for name, chain in chains.items():
        starts = [(path, value if path.from_body else item) for path in chain for item in items]
        if chain and not any(True for path, start in starts for _ in paths.follow(path, start)):
            near = difflib.get_close_matches(chain[0].text, there, 1, 0.4)
            why[name] = "Not in this payload." + (f" Nearest: {near[0]}" if near else "")
    return why


def as_json(document: object) -> str:
    """A mapping as a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
