"""The rules in force, asked about an event or an alert."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db.models import Count

from incidents.correlation.rules import Rule, RulesError, Ruling, parse_rules, rule_on
from incidents.events import AlertEvent, Severity, Status
from incidents.models import Alert, RuleSet
from incidents.selectors import LIVE

log = logging.getLogger(__name__)

NOTHING = Ruling(changes={})
HELD = (Status.SUPPRESSED.value, Status.PENDING.value)


def rules_in_force() -> tuple[Rule, ...]:
    """The rules of the newest version; none where there is no version."""
    version = RuleSet.objects.order_by("-version").values_list("version", "sha256").first()
    return _compiled(*version) if version is not None else ()


@lru_cache(maxsize=4)
def _compiled(version: int, _sha256: str) -> tuple[Rule, ...]:
    """Compiled once a process and version. A version that this release cannot read holds nothing back."""
    try:
        return parse_rules(RuleSet.objects.get(version=version).text)
    except RulesError as error:
        log.error("rules in force cannot be read", extra={"version": version, "problems": list(error.problems)})  # noqa: TRY400 -- the sentences say it
        return ()


def facts_of(event: AlertEvent) -> Mapping[str, Any]:
    """An event as conditions see it."""
    return {
        "source": event.source,
        "title": event.title,
        "description": event.description,
        "severity": event.severity.value,
        "service": event.service,
        "environment": event.environment,
        "team": event.team,
        "labels": dict(event.labels),
    }


def ruled(event: AlertEvent, rules: tuple[Rule, ...]) -> tuple[AlertEvent, str]:
    """The event as the rules change it, and the name of the rule that holds its alert back, or nothing.

    A resolve is left as it is: it is poorer than what it resolves, and resolving is never held back.
    """
    if not rules or not event.status.is_live:
        return event, ""
    ruling = rule_on(rules, facts_of(event))
    changes: dict[str, Any] = dict(ruling.changes)
    if "severity" in changes:
        changes["severity"] = Severity(changes["severity"])
    return replace(event, **changes), ruling.holds.name if ruling.holds is not None else ""


def held_by_rule() -> dict[str, int]:
    """How many alerts that fire now each rule holds back."""
    held = Alert.objects.filter(status__in=HELD, told__in=LIVE).exclude(rule="").exclude(held_because="")
    return dict(held.order_by().values("rule").annotate(number=Count("pk")).values_list("rule", "number"))
