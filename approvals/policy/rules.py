"""The rules as people write them: YAML, held to a strict form, conditions compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from approvals.policy.routes import Route
from approvals.policy.snapshot import NAMES
from core import strict_yaml
from core.expressions import Condition, ExpressionError, compile_condition

FIELDS: Final = frozenset({"name", "priority", "when", "route", "people", "sentence"})
MAX_RULES: Final = 200
MOST_PEOPLE: Final = 8
PEOPLE: Final = {
    Route.AUTO: range(1),
    Route.NOTIFY: range(1),
    Route.SINGLE: range(1, 2),
    Route.QUORUM: range(2, MOST_PEOPLE + 1),
}


class RulesError(ValueError):
    """The rules cannot be used; the message names the rule and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: unique, shown beside the ruling.
        priority: the lower one names the ruling where several ask for the same; it never makes a ruling milder.
        when: the condition over the snapshot.
        route: what it asks for, and `people` how many signatures (0 for auto and notify).
        sentence: why, for people.
    """

    name: str
    priority: int
    when: Condition
    route: Route
    people: int
    sentence: str


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read rules, in the order of their priority.

    Raises:
        RulesError: Not YAML, not of the form, an unknown name in a condition, a name twice, or none at all.
    """
    try:
        items = strict_yaml.read(text)
    except strict_yaml.NotYamlError as error:
        detail = f"The rules are not YAML: {error}"
        raise RulesError(detail) from error
    if not isinstance(items, list) or not 0 < len(items) <= MAX_RULES:
        detail = f"The rules must be a list of 1 to {MAX_RULES}."
        raise RulesError(detail)
    rules = [_rule(item) for item in items]
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        detail = f"Two rules are called {twice[0]!r}."
        raise RulesError(detail)
    return tuple(sorted(rules, key=lambda rule: (rule.priority, rule.name)))


def _rule(item: object) -> Rule:
    if not isinstance(item, dict) or set(item) != FIELDS:
        detail = f"A rule has exactly the fields {', '.join(sorted(FIELDS))}; this one is {item!r}."
        raise RulesError(detail)
    name = _text(item, "name", 80)
    return Rule(
        name=name,
        priority=_number(item, "priority", 1_000_000),
        when=_condition(name, _text(item, "when", 2_000)),
        route=_route(name, item["route"], item["people"]),
        people=_number(item, "people", MOST_PEOPLE),
        sentence=_text(item, "sentence", 300),
    )


def _condition(name: str, source: str) -> Condition:
    try:
        condition = compile_condition(source)
    except ExpressionError as error:
        detail = f"Rule {name!r}: {error}"
        raise RulesError(detail) from error
    unknown = sorted(condition.needs - NAMES)
    if unknown:
        detail = f"Rule {name!r} asks for {unknown[0]!r}; a snapshot has {', '.join(sorted(NAMES))}."
        raise RulesError(detail)
    return condition


def _route(name: str, route: object, people: object) -> Route:
    if not isinstance(route, str) or route not in set(Route):
        detail = f"Rule {name!r} has the route {route!r}; allowed are {', '.join(Route)}."
        raise RulesError(detail)
    chosen = Route(str(route))
    if people not in PEOPLE[chosen]:
        detail = f"Rule {name!r} has {people!r} people: auto and notify have 0, single 1, quorum 2 to {MOST_PEOPLE}."
        raise RulesError(detail)
    return chosen


def _text(item: Mapping[str, Any], field: str, longest: int) -> str:
    value = item[field]
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
        detail = f"{field!r} of rule {item.get('name')!r} must be a text of 1 to {longest} characters."
        raise RulesError(detail)
    return value.strip()


def _number(item: Mapping[str, Any], field: str, most: int) -> int:
    value = item[field]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        detail = f"{field!r} of rule {item.get('name')!r} must be a whole number from 0 to {most}."
        raise RulesError(detail)
    return value
