"""The rules about alerts as a page: what is in force, by whom, and how often each matched in the last week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from console.phrases import plural
from console.selectors import faces
from console.selectors.faces import Face
from core import clock
from core.errors import NotFoundError
from incidents.correlation.rules import Rule, RulesError, check_rules, parse_rules, rule_on
from incidents.models import Alert, RuleSet
from incidents.ruling import held_by_rule

WEEK = timedelta(days=7)
SAMPLE, MOST_ASKED, MOST_VERSIONS = 300, 6000, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule.

    Attributes:
        does: what it does with an alert, in words.
        matched: alerts of the last week; of the newest `of` ones where it is counted by asking, of all where that is 0.
        held: how many alerts that fire now it holds back.
    """

    number: int
    rule: Rule
    does: str
    matched: int
    of: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version, and who put it into force."""

    row: RuleSet
    face: Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The page; `shown` is the version whose text stands there, None where there is none at all."""

    rows: Sequence[Row]
    in_force: Version | None
    shown: Version | None
    versions: Sequence[Version]
    problems: Sequence[str]

    @property
    def headline(self) -> str:
        """The answer to: what do we do to alerts before people see them?"""
        if not self.rows:
            return "No rules are in force"
        held = sum(row.held for row in self.rows)
        told = f"{plural(len(self.rows), 'rule')} {'is' if len(self.rows) == 1 else 'are'} in force"
        back = f"{plural(held, 'alert is', 'alerts are')} held back now"
        return f"{told}, {back if held else 'none holds an alert back now'}"

    @property
    def idle(self) -> int:
        """Rules that matched nothing in the last week."""
        return sum(not row.matched for row in self.rows)


def read(version: int | None = None) -> Rules:
    """The page, with the text of a version, or of the one in force.

    Raises:
        NotFoundError: There is no such version.
    """
    newest = list(RuleSet.objects.order_by("-version")[:MOST_VERSIONS])
    shown = RuleSet.objects.filter(version=version).first() if version is not None else next(iter(newest), None)
    if shown is None and version is not None:
        detail = f"There is no version {version} of the rules."
        raise NotFoundError(detail)
    people = faces.people(faces.person_ids(row.applied_by for row in (*newest, *([shown] if shown else []))))
    versions = [Version(row=row, face=faces.actor(row.applied_by, people)) for row in newest]
    rules, problems = parsed(newest[0].text) if newest else ((), ())
    return Rules(
        rows=_rows(rules),
        in_force=versions[0] if versions else None,
        shown=Version(row=shown, face=faces.actor(shown.applied_by, people)) if shown else None,
        versions=versions,
        problems=problems,
    )


def parsed(text: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules of a text, or what is wrong with it, a sentence each."""
    try:
        return parse_rules(text), ()
    except RulesError as error:
        return (), error.problems


def drafted(text: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The same of rules that are not in force yet, held to all that applying them would."""
    try:
        return check_rules(text), ()
    except RulesError as error:
        return (), error.problems


def does(rule: Rule) -> str:
    """What a rule does with an alert, in words."""
    if rule.ignore:
        return "ignores it: recorded, opens nothing"
    told = [f"sets {name} to {value}" for name, value in sorted(rule.changes.items())]
    if rule.count > 1:
        minutes = int(rule.within.total_seconds() // 60)
        told.append(f"waits for {rule.count} within {minutes} min")
    return ", ".join(told)


def _rows(rules: Sequence[Rule]) -> list[Row]:
    if not rules:
        return []
    held, exact = held_by_rule(), _held_in_a_week(rules)
    asked, sampled = _sampled([rule for rule in rules if not _holds_back(rule)])
    return [
        Row(
            number=number,
            rule=rule,
            does=does(rule),
            matched=exact.get(rule.name, 0) if _holds_back(rule) else sampled.get(rule.name, 0),
            of=0 if _holds_back(rule) else asked,
            held=held.get(rule.name, 0),
        )
        for number, rule in enumerate(rules, 1)
    ]


def _holds_back(rule: Rule) -> bool:
    return rule.ignore or rule.count > 1


def _held_in_a_week(rules: Sequence[Rule]) -> Mapping[str, int]:
    """An alert keeps the name of the rule that holds it back, or did: these are counted, all of them."""
    names = [rule.name for rule in rules if _holds_back(rule)]
    recent = Alert.objects.filter(rule__in=names, last_seen_at__gte=clock.now() - WEEK).order_by()
    return dict(recent.values_list("rule").annotate(Count("pk")))


def _sampled(rules: Sequence[Rule]) -> tuple[int, Mapping[str, int]]:
    """Rules that only set something leave no name: they are asked about the newest alerts of the week."""
    if not rules:
        return 0, {}
    most = max(10, min(SAMPLE, MOST_ASKED // len(rules)))
    recent = Alert.objects.filter(last_seen_at__gte=clock.now() - WEEK).order_by("-id")
    names = ("source", "title", "description", "severity", "service", "environment", "team", "labels")
    alerts = list(recent.values(*names)[:most])
    return len(alerts), {rule.name: sum(bool(rule_on((rule,), facts).changes) for facts in alerts) for rule in rules}
