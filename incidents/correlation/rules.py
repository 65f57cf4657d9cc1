"""An installation's own rules about alerts: YAML, held to a strict form, conditions in CEL."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from core import strict_yaml
from core.expressions import Condition, ExpressionError, compile_condition

NAMES: Final = frozenset({"source", "title", "description", "severity", "service", "environment", "team", "labels"})
"""What a condition may ask about; each is a text, `labels` a map of texts."""

FIELDS: Final = frozenset({"name", "when", "sentence", "ignore", "set", "after"})
SETTABLE: Final = frozenset({"service", "environment", "severity", "team"})
LABEL: Final = re.compile(r"""\blabels(?:\.([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])""")
"""A label that a condition asks for by its name."""
SEVERITIES: Final = ("critical", "high", "warning", "info")
MAX_RULES, MAX_SIZE, MOST_COUNT, MOST_MINUTES = 200, 200_000, 1000, 24 * 60


class RulesError(ValueError):
    """The rules cannot be used; `problems` has a sentence for each thing that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        ignore: the alert is recorded and opens nothing.
        changes: what it sets in an alert; of several rules the first that sets a field wins.
        count, within: an incident opens only with so many matching alerts in that time; 1 where it does not matter.
        sentence: why, for people.
    """

    name: str
    when: Condition
    sentence: str
    ignore: bool = False
    changes: Mapping[str, str]
    count: int = 1
    within: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the rules say about an alert: what to set, and the rule that holds it back, or None."""

    changes: Mapping[str, str]
    holds: Rule | None = None


def rule_on(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Ruling:
    """Ask the rules in their order; one that cannot be answered for this alert, as for want of a label, is passed by.

    A rule that ignores ends the asking. Conditions see the alert as its sender told it, whatever was set before.
    """
    changes: dict[str, str] = {}
    holds: Rule | None = None
    for rule in rules:
        if not _holds(rule, facts):
            continue
        if rule.ignore:
            return Ruling(changes=changes, holds=rule)
        changes = {**rule.changes, **changes}
        if holds is None and rule.count > 1:
            holds = rule
    return Ruling(changes=changes, holds=holds)


def _holds(rule: Rule, facts: Mapping[str, Any]) -> bool:
    try:
        return rule.when.holds(facts)
    except ExpressionError:
        return False


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read rules, in their order; an empty list is allowed.

    Raises:
        RulesError: With everything that is wrong, not only the first.
    """
    if len(text) > MAX_SIZE:
        raise RulesError([f"The rules have {len(text)} characters; {MAX_SIZE} are allowed."])
    try:
        items = strict_yaml.read(text)
    except strict_yaml.NotYamlError as error:
        raise RulesError([f"The rules are not YAML: {error}"]) from error
    if not isinstance(items, list) or len(items) > MAX_RULES:
        raise RulesError([f"The rules must be a list of at most {MAX_RULES}, each beginning with `- name:`."])
    problems: list[str] = []
    rules = [_rule(number, item, problems) for number, item in enumerate(items, 1)]
    names = [rule.name for rule in rules if rule is not None]
    problems += [f"Two rules are called {name!r}." for name in sorted({one for one in names if names.count(one) > 1})]
    if problems:
        raise RulesError(problems)
    return tuple(rule for rule in rules if rule is not None)


def check_rules(text: str) -> tuple[Rule, ...]:
    """Read rules that people want in force: as `parse_rules`, and none whose condition no alert could ever answer.

    What is in force already is not held to this: one such rule matches nothing, and the others go on.

    Raises:
        RulesError: With everything that is wrong, not only the first.
    """
    rules = parse_rules(text)
    problems = [f"Rule {rule.name!r}: {why}" for rule in rules if (why := rule.when.fault(_sample(rule.when.source)))]
    idle = [rule.name for rule in rules if not (rule.ignore or rule.changes or rule.count > 1)]
    problems += [f"Rule {name!r} does nothing: its `set` or `after` is empty." for name in idle]
    if problems:
        raise RulesError(problems)
    return rules


def _sample(condition: str) -> dict[str, Any]:
    """An alert that has every label which the condition names."""
    named = ("".join(found) for found in LABEL.findall(condition))
    return {**dict.fromkeys(NAMES, "1"), "severity": "high", "labels": dict.fromkeys(named, "1")}


def _rule(number: int, item: object, problems: list[str]) -> Rule | None:
    where = f"Rule {number}"
    if not isinstance(item, dict):
        problems.append(f"{where} must be a map with the fields {', '.join(sorted(FIELDS))}.")
        return None
    name = item.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= 80:
        problems.append(f"{where} needs a `name` of 1 to 80 characters.")
        return None
    before = len(problems)
    where = f"Rule {name!r}"
    unknown = sorted(str(key) for key in set(item) - FIELDS)
    if unknown:
        problems.append(f"{where} has the field {unknown[0][:40]!r}; a rule has {', '.join(sorted(FIELDS))}.")
    sentence = item.get("sentence", "")
    if not isinstance(sentence, str) or not 0 < len(sentence.strip()) <= 300:
        problems.append(f"{where} needs a `sentence` that says why, of 1 to 300 characters.")
    if sum(key in item for key in ("ignore", "set", "after")) == 0 or ("ignore" in item and item["ignore"] is not True):
        problems.append(f"{where} must say what it does: `ignore: true`, `set:` or `after:`.")
    if "ignore" in item and ("set" in item or "after" in item):
        problems.append(f"{where} ignores the alert, so it cannot also set something or wait.")
    when = _condition(where, item.get("when"), problems)
    changes = _changes(where, item.get("set", {}), problems)
    count, minutes = _after(where, item.get("after"), problems)
    if when is None or len(problems) > before:
        return None
    return Rule(
        name=name,
        when=when,
        sentence=sentence.strip(),
        ignore="ignore" in item,
        changes=changes,
        count=count,
        within=timedelta(minutes=minutes),
    )


def _condition(where: str, source: object, problems: list[str]) -> Condition | None:
    if not isinstance(source, str) or not source.strip():
        problems.append(f'{where} needs a condition in `when`, such as `environment == "test"`.')
        return None
    try:
        condition = compile_condition(source)
    except ExpressionError as error:
        problems.append(f"{where}: {error}")
        return None
    unknown = sorted(condition.needs - NAMES)
    if unknown:
        problems.append(f"{where} asks for {unknown[0]!r}; an alert has {', '.join(sorted(NAMES))}.")
        return None
    return condition


def _changes(where: str, given: object, problems: list[str]) -> dict[str, str]:
    if not isinstance(given, dict) or not set(given) <= SETTABLE:
        problems.append(f"{where} may `set` {', '.join(sorted(SETTABLE))} and nothing else.")
        return {}
    if any(not isinstance(value, str) or not 0 < len(value) <= 80 for value in given.values()):
        problems.append(f"{where} sets something that is no text of 1 to 80 characters.")
        return {}
    if given.get("severity", "info") not in SEVERITIES:
        problems.append(f"{where} sets the severity {given['severity']!r}; there are {', '.join(SEVERITIES)}.")
    return dict(given)


def _after(where: str, given: object, problems: list[str]) -> tuple[int, int]:
    if given is None:
        return 1, 0
    fits = isinstance(given, dict) and set(given) == {"count", "within_minutes"}
    count, minutes = (given["count"], given["within_minutes"]) if isinstance(given, dict) and fits else (0, 0)
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (count, minutes))
    if not whole or not (2 <= count <= MOST_COUNT and 1 <= minutes <= MOST_MINUTES):
        problems.append(
            f"{where}: `after` has a `count` of 2 to {MOST_COUNT} and `within_minutes` of 1 to {MOST_MINUTES}."
        )
        return 1, 0
    return count, minutes
