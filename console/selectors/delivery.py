"""One delivery: its bytes as they came, and what is made of them when they are read now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.adapters import adapter_of
from connectors.base import Outcome, Parsed
from connectors.intake import envelopes
from connectors.models import Delivery, Source
from connectors.services.drain import raw
from connectors.told import Source as Adapter
from console.selectors.source import Line, as_text, line_of
from core.errors import BadInputError, ConsoleError, NotFoundError

MOST_SHOWN = 20
FIRST = (
    "kind",
    "status",
    "severity",
    "title",
    "description",
    "service",
    "environment",
    "region",
    "team",
    "resource",
)
REST = (
    "metric",
    "starts_at",
    "ends_at",
    "starts_at_quality",
    "at",
    "fingerprint",
    "source_event_id",
    "labels",
    "links",
)
FIELDS = (*FIRST, *REST)
SAYS_NOTHING: tuple[object, ...] = (None, "", {}, [], ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The page of one delivery.

    Attributes:
        outcome: what reading it now comes to; `why` the reason of a refusal.
        events: of each event its fields as names and texts, those that say something.
    """

    line: Line
    sha256: str
    headers: Sequence[tuple[str, str]]
    body: Sequence[str]
    cut: bool
    outcome: str
    events: Sequence[Sequence[tuple[str, str]]]
    more: int
    warnings: Sequence[str]
    stored: Sequence[str]
    state: str


def find(source: Source, uid: str) -> Delivery:
    """A delivery of this source.

    Raises:
        NotFoundError: There is none.
    """
    found = Delivery.objects.filter(source=source, uid=uid[:32]).first()
    if found is None:
        detail = f"{source.name} has no delivery {uid[:32]!r}."
        raise NotFoundError(detail)
    return found


def read(delivery: Delivery) -> Shown:
    """The page of one delivery; reading it stores nothing."""
    body = bytes(delivery.body)
    text, cut = as_text(body)
    parsed = _read_now(delivery)
    return Shown(
        line=line_of(delivery, len(body)),
        sha256=delivery.sha256,
        headers=sorted((str(name), str(value)) for name, value in delivery.headers.items()),
        body=text.splitlines(),
        cut=cut,
        outcome=parsed.outcome.value,
        events=[fields(event.as_json()) for event in parsed.events[:MOST_SHOWN]],
        more=max(0, len(parsed.events) - MOST_SHOWN),
        warnings=parsed.warnings,
        stored=[str(warning) for warning in delivery.warnings],
        state=delivery.state,
    )


def read_with(adapter: Adapter, delivery: Delivery) -> Parsed:
    """What an adapter makes of a delivery now; stores nothing."""
    try:
        media = envelopes.media_of(raw(delivery, None).headers.get("content-type", ""))
        value, noted = envelopes.opened(bytes(delivery.body), media)
    except BadInputError as error:
        return Parsed(outcome=Outcome.REJECT, warnings=(error.detail,))
    parsed = adapter.parse(raw(delivery, value))
    return Parsed(outcome=parsed.outcome, events=parsed.events, warnings=(*noted, *parsed.warnings))


def _read_now(delivery: Delivery) -> Parsed:
    try:
        return read_with(adapter_of(delivery.source), delivery)
    except ConsoleError as error:
        return Parsed(outcome=Outcome.REJECT, warnings=(error.detail,))


def fields(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An event's fields that say something, as texts."""
    return [(name, _said(event[name])) for name in FIELDS if event.get(name) not in SAYS_NOTHING]


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={inner}" for name, inner in value.items() if inner not in SAYS_NOTHING)
    if isinstance(value, list | tuple):
        return "; ".join(_said(inner) for inner in value)
    return str(value)
