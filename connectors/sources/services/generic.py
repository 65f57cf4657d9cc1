"""A plain JSON shape of our own, for scripts and for tools whose bodies one can write oneself.

One alert, a list of alerts, or a list in `alerts` or `events`; an alert may lie in `alert`, `event`, `incident`, `data`
or `payload`. Only a text is needed, or the id of an alert with its status. Fields go by several names, in snake_case,
camelCase or kebab-case; what a monitor, a check or annotations beside the alert say is read too.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import FORM, TEXT
from connectors.reading import Notes
from connectors.sources.services import generic_words as words
from connectors.told import Source, Told, objects, rejected
from incidents.events import Metric, Status

LONGEST_TITLE = 160
"""A name and a message make one title up to this length."""
SORT = re.compile(r"[a-z_]+(?:[.:][a-z_]+)+")
SPLIT = re.compile(r"[.:/_\s-]+")


class Generic(Source):
    """Alerts from scripts."""

    slug = "generic"
    title = "Anything that posts JSON"
    documentation = "https://www.rfc-editor.org/rfc/rfc8259"
    media = frozenset({TEXT, FORM})
    fingerprint_fields = ("dedup_key, fingerprint or id", "else service, resource, name and environment")
    statuses = words.STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, or a list of them."""
        listed = _listed(delivery.value, notes)
        alerts = [alert for alert in map(_plain, listed) if _says_something(alert, notes)]
        if not alerts:
            return rejected("There is no `title`, `message` or `summary`; nothing says what the alert is.")
        if len(alerts) < len(listed):
            notes.add(f"{len(listed) - len(alerts)} of {len(listed)} had no title and were left out.")
        return [self._told(alert, delivery, notes) for alert in alerts]

    def _told(self, alert: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> Told:
        labels = _labels(alert)
        known = {**labels, **{name: value for name, value in alert.items() if value not in (None, "")}}
        status = self._state(alert, delivery, notes)
        resource, service = _resource(known), _inside(_one(first(words.SERVICES, known)))
        environment = _inside(first(words.ENVIRONMENTS, known))
        is_over, at = status is Status.RESOLVED, first(words.TIMES, alert)
        return Told(
            status=status,
            identity=_identity(alert, known, service, resource, environment),
            titles=[*_titles(known), *(known.get(name) for name in words.WHICH)],
            kind=str(alert["kind"]) if alert.get("kind") in {"alert", "ticket", "change", "job"} else "alert",
            severity=_severity(alert, labels),
            description=first(words.DESCRIPTIONS, alert),
            resource=resource,
            service=service,
            environment=environment,
            region=first(("region", "location", "datacenter"), known),
            team=_one(first(words.TEAMS, known)),
            labels=labels,
            metric=_metric(alert),
            links={
                "source": first(words.SOURCES, alert),
                "runbook": first(("runbook", "runbook_url", "annotations_runbook_url"), known),
                "dashboard": first(("dashboard", "dashboard_url"), known),
            },
            starts_at=first(words.STARTS, alert) or (None if is_over else at),
            ends_at=first(words.ENDS, alert) or at,
            at=at,
            source_event_id=_one(first((*words.KEYS, *words.IDS), alert)),
        )

    def _state(self, alert: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> Status:
        flags = ((name, alert[name]) for name in ("resolved", "firing") if isinstance(alert.get(name), bool))
        over = next((told is (name == "resolved") for name, told in flags), None)
        if over is None:
            told = [word for name in words.STATES if (word := _inside(alert.get(name))) not in (None, "")]
            happened = next((word for name in words.HAPPENED if (word := _happened(alert.get(name)))), "")
            known = next((word for word in map(_word, told) if word in words.STATUSES), happened)
            if known or told:
                return self.status_of(known or told[0], notes)
            over = _is_over(alert, delivery, notes)
        return Status.RESOLVED if over else Status.FIRING


def _is_over(alert: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> bool:
    """Whether an alert that tells no status is over: by a yes or no, by its severity, by an end that has come."""
    well = next((alert[name] for name in words.WELL if isinstance(alert.get(name), bool)), None)
    if well is not None:
        return bool(well)
    if any(_word(_inside(alert.get(name))) in words.OVER for name in words.SEVERITY):
        return True
    if reading.usable(first(words.ENDS, alert), delivery.received_at):
        notes.add("There is no `status`, but an end that has come; it counts as resolved.")
        return True
    notes.add("There is no `status`; it counts as firing.")
    return False


def _listed(value: object, notes: Notes) -> list[Mapping[str, Any]]:
    """The alerts of a body; those of a list have from around it what concerns them all."""
    around: dict[str, Any] = {}
    for name in words.LISTS:
        if isinstance(value, Mapping) and isinstance(value.get(name), list):
            around |= {key: told for key, told in value.items() if key in words.INHERITED}
            value = value[name]
    listed = objects(value, notes) if isinstance(value, list) else [reading.mapping(value)]
    return [{**around, **alert} for alert in listed] if around else listed


def _plain(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The alert, out of its wrapper if it lies in one, with names in snake_case; and what stands beside it."""
    told = {_snake(str(name)): value for name, value in alert.items()}
    attached = told.get("attachments")
    if isinstance(attached, list) and attached and isinstance(attached[0], Mapping):
        told.setdefault("payload", attached[0])
    has_text = any(_is_name(told.get(name)) for name in ("title", *words.LEADS, *words.TEXTS))
    wrappers = words.INNER if has_text else (*words.INNER, *words.OUTER)
    inside = {name: _plain(told[name]) for name in wrappers if isinstance(told.get(name), Mapping)}
    inner = next(
        (name for name, alone in inside.items() if any(map(_is_plain, _titles(alone)))), next(iter(inside), None)
    )
    if inner is not None:
        told = {**{name: value for name, value in told.items() if name != inner}, **inside[inner]}
    for part, prefix in words.PARTS.items():
        for name, value in reading.mapping(told.get(part)).items():
            told.setdefault(f"{prefix}_{_snake(str(name))}", value)
    return told


def _snake(name: str) -> str:
    spaced = "".join(
        f"_{char.lower()}" if char.isupper() and name[:at][-1:].islower() else char for at, char in enumerate(name)
    )
    return spaced.lower().replace("-", "_").replace(" ", "_").strip("_")


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _is_name(value: object) -> bool:
    """Whether it may name something; not so the sort of an event, `alert.fired`."""
    if not _is_plain(value) or SORT.fullmatch(str(value)):
        return False
    return not _happened(value) or SPLIT.split(str(value).lower())[0] in words.THINGS


def _inside(value: object) -> object:
    """What is told as an object, by its name."""
    return first(("status", "state", "name", "value"), value) if isinstance(value, Mapping) else value


def _word(value: object) -> str:
    return str(value).replace("_", " ").replace("-", " ").strip().lower() if _is_plain(value) else ""


def _happened(value: object) -> str:
    """The word of status in what happened, `fired` of `alert.fired`; empty where there is none, as in names."""
    if not isinstance(value, str):
        return ""
    whole, parts = _word(value), [part for part in SPLIT.split(value.lower()) if part]
    if whole in words.STATUSES and whole not in words.ALERTS:
        return whole
    if len(parts) < 2 or parts[-1] not in words.STATUSES:
        return ""
    nouns = words.ALERTS if parts[-1] in words.MADE else words.ALERTS | words.THINGS
    return parts[-1] if parts[-2] in nouns and " " not in value.strip() else ""


def _says_something(alert: Mapping[str, Any], notes: Notes) -> bool:
    """Whether there is a text; an id with a word of status will do, for that is how many say that it is over."""
    if any(reading.text(title, reading.TITLE, notes, "title") for title in _titles({**_labels(alert), **alert})):
        return True
    is_told = any(_is_plain(alert.get(name)) for name in words.WHICH)
    return is_told and any(_word(_inside(alert.get(name))) in words.STATUSES for name in words.STATES)


def _titles(known: Mapping[str, Any]) -> list[object]:
    """The title; else name and message in one if they are short, else either; and what else there is."""
    leads = [str(known[name]).strip() for name in words.LEADS if _is_name(known.get(name))]
    texts = [str(known[name]).strip() for name in words.TEXTS if _is_plain(known.get(name))]
    parts = [*leads[:1], *texts[:1]] if leads else texts[:2]
    joined = ": ".join(parts)
    if len(parts) == 2 and parts[0].lower() in parts[1].lower():
        joined = parts[1] if parts[0] in parts[1] else parts[0]
    is_short = len(joined) <= LONGEST_TITLE and "\n" not in joined
    return [
        known.get("title"),
        *([joined] if is_short else []),
        *leads,
        *texts,
        *(known.get(name) for name in words.DESCRIPTIONS),
    ]


def _labels(alert: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for told in (alert.get(name) for name in reversed(words.LABELS)):
        found |= dict(told) if isinstance(told, Mapping) else reading.tags(told)
    return {name: _inside(value) for name, value in found.items()}


def _severity(alert: Mapping[str, Any], labels: Mapping[str, Any]) -> object:
    told = [_inside(values.get(name)) for values in (alert, labels) for name in words.SEVERITY]
    plain = [word for word in told if _is_plain(word)]
    states = [_word(_inside(alert.get(name))) for name in words.STATES]
    sort = _word(alert.get("alert_type"))
    levels = [*(word for word in states if word in words.LEVELS), *([sort] if sort in words.TYPES else [])]
    return next((word for word in plain if reading.severity(word)), next(iter([*plain, *levels]), None))


def _identity(
    alert: Mapping[str, Any],
    known: Mapping[str, Any],
    service: object,
    resource: tuple[str, object] | None,
    environment: object,
) -> tuple[object, ...]:
    key = first((*words.KEYS, *words.IDS), alert)
    if key is not None:
        return ("key", key)
    names = (known[name] for name in words.NAMES if _is_name(known.get(name)))
    name = next(names, None)
    staged = (environment,) if environment else ()
    return ("fields", service, resource[1] if resource else None, name, *staged)


def _resource(known: Mapping[str, Any]) -> tuple[str, object] | None:
    """The first thing that is named, or that is an object with a name or an id."""
    for kind in words.RESOURCES:
        inner = {_snake(str(name)): told for name, told in reading.mapping(known.get(kind)).items()}
        name = first(("name", f"{kind}_name", f"{kind}_id", "id"), inner) if inner else _one(known.get(kind))
        if _is_plain(name):
            return (words.SORTS.get(kind, kind), name)
    return None


def _one(value: object) -> object:
    """The first of a list, or the value."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _metric(alert: Mapping[str, Any]) -> Metric | None:
    name = first(("metric", "metric_name"), alert)
    if not isinstance(name, str):
        return None
    unit = alert.get("unit")
    return Metric(
        name=name[: reading.WORD],
        value=_number(alert.get("value")),
        unit=unit[:40] if isinstance(unit, str) else "",
        threshold=_number(alert.get("threshold")),
    )


def _number(value: object) -> float | None:
    try:
        told = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return told if math.isfinite(told) else None
