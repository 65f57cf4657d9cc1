"""What an alert would meet: a pasted payload read as its source is, then rules, windows and what is open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.adapters import adapter_of
from connectors.finding import source_of
from connectors.models import Delivery, Source
from console.selectors import rules as page
from console.selectors.delivery import fields, read_with
from core import clock
from core.errors import ConsoleError
from incidents.correlation.rules import Rule, Ruling, rule_on
from incidents.correlation.windows import Signal, hiding
from incidents.events import AlertEvent, Severity, Status, level
from incidents.models import Alert, Incident
from incidents.ruling import facts_of, rules_in_force
from incidents.selectors import OPEN_STATES
from incidents.windows import in_force

MOST_EVENTS, LONGEST = 5, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One event and what it meets.

    Attributes:
        rows: its fields after the rules, and what a rule changed them from.
        matched: the rules that match it, in their order, with what each does.
        verdict: what becomes of it, in a sentence; `held` whether that is less than an incident.
        known: the alert that it would be folded into; `open_there` incidents that are open on its service.
    """

    rows: Sequence[tuple[str, str, str]]
    matched: Sequence[tuple[str, str]]
    verdict: str
    held: bool
    known: Alert | None
    open_there: Sequence[Incident]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it: events with what they meet, or why not; `problems` are of rules that were tried."""

    meetings: Sequence[Meeting] = ()
    more: int = 0
    outcome: str = ""
    warnings: Sequence[str] = ()
    problems: Sequence[str] = ()
    trouble: str = ""


def attempt(slug: str, payload: str, text: str = "") -> Trial:
    """Try a payload of this source against the rules in force, or against others; stores nothing and never raises."""
    try:
        source = source_of(slug)
        adapter = adapter_of(source)
    except ConsoleError as error:
        return Trial(trouble=error.detail)
    rules, problems = page.drafted(text) if text.strip() else (rules_in_force(), ())
    if problems:
        return Trial(problems=problems)
    if not payload.strip():
        return Trial(trouble="Paste a payload, as its sender posts it.")
    parsed = read_with(adapter, _unsaved(source, payload))
    return Trial(
        meetings=[_meet(event, rules) for event in parsed.events[:MOST_EVENTS]],
        more=max(0, len(parsed.events) - MOST_EVENTS),
        outcome=parsed.outcome.value,
        warnings=parsed.warnings,
    )


def _unsaved(source: Source, payload: str) -> Delivery:
    headers = {"content-type": "application/json"}
    body = payload.encode("utf-8", "replace")[:LONGEST]
    return Delivery(uid="trial", source=source, received_at=clock.now(), headers=headers, body=body)


def _meet(event: AlertEvent, rules: Sequence[Rule]) -> Meeting:
    facts = facts_of(event)
    ruling = rule_on(rules, facts) if event.status.is_live else Ruling(changes={})
    after = _changed(event, ruling)
    before = dict(fields(event.as_json()))
    verdict, held = _verdict(after, ruling)
    return Meeting(
        rows=[(name, value, _was(name, value, before)) for name, value in fields(after.as_json())],
        matched=[(rule.name, page.does(rule)) for rule in rules if _matches(rule, facts)],
        verdict=verdict,
        held=held,
        known=_known(event),
        open_there=_open_there(after.service) if event.status.is_live else (),
    )


def _was(name: str, value: str, before: dict[str, str]) -> str:
    return "" if before.get(name, "") == value else before.get(name) or "nothing"


def _changed(event: AlertEvent, ruling: Ruling) -> AlertEvent:
    changes: dict[str, Any] = dict(ruling.changes)
    if "severity" in changes:
        changes["severity"] = Severity(changes["severity"])
    return replace(event, **changes)


def _matches(rule: Rule, facts: Any) -> bool:  # noqa: ANN401 -- facts are any JSON
    told = rule_on((rule,), facts)
    return told.holds is not None or bool(told.changes)


def _verdict(event: AlertEvent, ruling: Ruling) -> tuple[str, bool]:
    if event.status is Status.UNCLASSIFIED:
        return "Its status is unclassified: it is counted and shown, and never taken for firing.", True
    if not event.status.is_live:
        return f"It says {event.status.value}: rules and windows hold back only what fires.", True
    if ruling.holds is not None:
        return f"The rule {ruling.holds.name} holds it back: {page.does(ruling.holds)}. {ruling.holds.sentence}", True
    now = clock.now()
    told = Signal(
        service=event.service, environment=event.environment, severity=event.severity.value, labels=dict(event.labels)
    )
    hidden = hiding(told, in_force(now), now)
    if hidden is not None:
        return hidden.why, True
    about = f" about {event.service}" if event.service else ", about no known service"
    return f"It counts as {level(event.severity.value)}{about}: it joins an incident near it, or opens one.", False


def _known(event: AlertEvent) -> Alert | None:
    same = Alert.objects.filter(source=event.source, fingerprint=event.fingerprint)
    return same.exclude(status="resolved").order_by("-id").first()


def _open_there(service: str) -> Sequence[Incident]:
    return list(Incident.objects.filter(state__in=OPEN_STATES, service=service).order_by("-id")[:3]) if service else []
