"""Anything that posts JSON, read by a mapping of the source's own: paths, tables of words, and nothing that runs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.mapping import paths
from connectors.mapping.document import Chain, Rules
from connectors.mapping.paths import Path
from connectors.reading import Notes
from connectors.told import MOST_EVENTS, Source, Told, ignored, rejected
from incidents.events import Status

MOST_FOUND = 1000
"""So many values at one path that starts at the body are looked at."""


class Mapped(Source):
    """Read as the rules say; without rules nothing is understood, and nothing is lost."""

    slug = "mapped"
    title = "Something else: you map it"
    documentation = "https://www.rfc-editor.org/rfc/rfc8259"
    fingerprint_fields: tuple[str, ...] = ("the fields that its mapping names",)

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules
        if rules is not None:
            self.statuses = rules.statuses
            self.severities = rules.severities
            self.assumed = rules.severity_absent
            self.fingerprint_fields = tuple(path.text for path in rules.fingerprint)

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Each alert that is found where the mapping looks."""
        if self.rules is None:
            return rejected("This source has no mapping yet. Map what it sends on its page; then this can be replayed.")
        alerts = _Alerts(self.rules, delivery.value)
        found, left_out = [], Notes()
        for item in alerts.items(notes):
            why = alerts.ignored(item)
            told = None if why else self._told(alerts, item, notes)
            if told is not None:
                found.append(told)
            else:
                left_out.add(why or "None of the fields that tell one alert from another is there.")
        if found:
            for sentence in left_out.said:
                notes.add(f"Some were left out. {sentence}")
            return found
        if not left_out.said:
            where = f"at {self.rules.items.text}" if self.rules.items else "in the body"
            return rejected(f"There is no alert {where}: no object was found there.")
        why = next(iter(left_out.said))
        return ignored(why) if alerts.any_ignored else rejected(why)

    def _told(self, alerts: "_Alerts", item: object, notes: Notes) -> Told | None:
        rules = alerts.rules
        identity = [alerts.first((path,), item) for path in rules.fingerprint]
        if not any(value is not None for value, path in zip(identity, rules.fingerprint, strict=True) if path.steps):
            return None
        title = [found for path in rules.fields["title"] for found in alerts.plain(path, item)]
        resource = alerts.first(rules.resource, item)
        one = {name: alerts.first(chain, item) for name, chain in rules.fields.items()}
        return Told(
            status=self._status(alerts, item, notes),
            identity=("mapped", *identity),
            titles=[*title, *(value for value in identity if value is not None)],
            severity=alerts.first(rules.severity, item),
            description=one["description"],
            resource=(rules.resource_type, resource) if resource is not None else None,
            service=one["service"],
            environment=one["environment"],
            region=one["region"],
            team=one["team"],
            labels=alerts.labels(item),
            links={name: alerts.first(chain, item) for name, chain in rules.links.items()},
            starts_at=one["starts_at"],
            ends_at=one["ends_at"],
            at=one["at"],
            source_event_id=one["source_event_id"],
        )

    def _status(self, alerts: "_Alerts", item: object, notes: Notes) -> Status:
        word = alerts.first(alerts.rules.status, item)
        if word is not None:
            return self.status_of(word, notes)
        absent = alerts.rules.status_absent
        notes.add(f"No status was found; the alert is recorded as {absent.value}.")
        return absent


class _Alerts:
    """The alerts of one body, and what stands at a path of each. What starts at the body is looked up once."""

    def __init__(self, rules: Rules, body: object) -> None:
        self.rules, self.body = rules, body
        self.any_ignored = False
        self._of_body: dict[Path, tuple[object, ...]] = {}

    def items(self, notes: Notes) -> list[object]:
        """The objects that are alerts."""
        where = self.rules.items
        listed: Iterator[object]
        if where is not None:
            listed = paths.follow(where, self.body)
        else:
            listed = iter(self.body if isinstance(self.body, list) else [self.body])
        found = list(islice(listed, MOST_EVENTS + 1))
        if len(found) > MOST_EVENTS:
            notes.add(f"Only the first {MOST_EVENTS:,} alerts in one delivery were read.")
        objects = [one for one in found[:MOST_EVENTS] if isinstance(one, Mapping)]
        if objects and len(objects) < len(found[:MOST_EVENTS]):
            notes.add(f"{len(found[:MOST_EVENTS]) - len(objects)} of {len(found)} are no objects, and were left out.")
        return list(objects)

    def ignored(self, item: object) -> str:
        """Why this one is left out on purpose; empty where it is not."""
        for path, word in self.rules.ignore:
            if any(_word(found) == word for found in self._found(path, item)):
                self.any_ignored = True
                return f"{path.text} is {word!r}, which the mapping ignores."
        return ""

    def first(self, chain: Chain, item: object) -> object:
        """The first plain value at one of the paths."""
        return next((found for path in chain for found in self.plain(path, item)), None)

    def plain(self, path: Path, item: object) -> Iterator[object]:
        """The texts, numbers, and yes or no at a path."""
        found = self._found(path, item)
        return (_whole(one) for one in found if isinstance(one, str | int | float) and one != "")

    def labels(self, item: object) -> dict[str, object]:
        """The labels that are named; an object at a path gives one for each of its plain values."""
        labels: dict[str, object] = {}
        for name, path in self.rules.labels.items():
            for found in islice(self._found(path, item), 1):
                if isinstance(found, Mapping):
                    inner = list(islice(found.items(), reading.MOST_LABELS + 1))
                    labels |= {str(key): value for key, value in inner if isinstance(value, str | int | float)}
                elif isinstance(found, str | int | float):
                    labels[name] = found
        return labels

    def _found(self, path: Path, item: object) -> Iterable[object]:
        if not path.from_body:
            return paths.follow(path, item)
        if path not in self._of_body:
            self._of_body[path] = tuple(islice(paths.follow(path, self.body), MOST_FOUND))
        return self._of_body[path]


def _word(value: object) -> str:
    """A value as a word to compare with."""
    if value is None:
        return "null"
    return str(_whole(value)).strip().lower() if isinstance(value, str | int | float) else ""


def _whole(value: object) -> object:
    """14 for 14.0: a sender's language decides which of them it writes."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
