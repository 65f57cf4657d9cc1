"""The ruling: the strictest of what the rules, the tier, the confidence and the service ask for.

Conflict strategy: **most restrictive**. Every rule that holds is heard, and so are the floors that no rule can lower
(S19, S24); the strictest wins, by route and then by people. Priority only chooses whose name and sentence the
ruling carries where several ask for the same. A rule that cannot be answered, a missing fact, or no rule at all asks
for a person. Rules are also asked about every lower tier, so that raising the tier never makes the route milder,
whatever the rules say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from approvals.policy.routes import Route
from approvals.policy.rules import Rule
from approvals.policy.snapshot import as_facts
from approvals.risk.tiers import Tier
from core.expressions import ExpressionError

ACT_ABOVE: Final = 0.70
RECOMMEND_FROM: Final = 0.50
TIER_FLOORS: Final = {
    Tier.LOW: (Route.AUTO, 0, "Low risk."),
    Tier.MEDIUM: (Route.NOTIFY, 0, "Medium risk runs with a notice."),
    Tier.HIGH: (Route.SINGLE, 1, "High risk needs a person's signature."),
    Tier.CRITICAL: (Route.QUORUM, 3, "Critical risk needs three people's signatures."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Who decides, and why.

    Attributes:
        route: auto, notify, single, quorum.
        people: how many must sign; 0 for auto and notify.
        rule: the rule or floor that asked for it.
        sentence: why, for people.
    """

    route: Route
    people: int
    rule: str
    sentence: str

    @property
    def strictness(self) -> tuple[int, int]:
        """Compares two rulings: route first, then people."""
        return (self.route.rank, self.people)


def rule_on(snapshot: Mapping[str, Any], rules: Sequence[Rule]) -> Ruling:
    """The strictest ruling that applies; anything that is missing or wrong goes to people."""
    try:
        facts = as_facts(snapshot)
        wanted = [*_of_rules(facts, rules), *_of_floors(facts)]
    except (KeyError, TypeError, ValueError) as error:
        missing = f"The facts are not complete ({error}), so a person decides."
        people = snapshot.get("floor_people")
        return _asking(people if isinstance(people, int) else 1, "policy-error", missing)
    # max keeps the first of equals: rules by priority, then floors.
    strictest = max(wanted, key=lambda ruling: ruling.strictness)
    if strictest.route.asks_people and strictest.people < facts["floor_people"]:
        return _asking(facts["floor_people"], strictest.rule, strictest.sentence)
    return strictest


def _of_rules(facts: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Ruling]:
    for tier in reversed(Tier(facts["tier"]).up_to()):
        heard = [ruling for rule in rules if (ruling := _ask(rule, {**facts, "tier": str(tier)})) is not None]
        yield from heard or [_asking(1, "no-rule", "No rule of the policy speaks of this, so a person decides.")]


def _ask(rule: Rule, facts: Mapping[str, Any]) -> Ruling | None:
    try:
        holds = rule.when.holds(facts)
    except ExpressionError as error:
        sentence = f"Rule {rule.name!r} could not be answered, so a person decides. {error}"[:300]
        return _asking(max(1, rule.people), "policy-error", sentence)
    if not holds:
        return None
    return Ruling(route=rule.route, people=rule.people, rule=rule.name, sentence=rule.sentence)


def _of_floors(facts: Mapping[str, Any]) -> Iterator[Ruling]:
    route, people, sentence = TIER_FLOORS[Tier(facts["tier"])]
    yield Ruling(route=route, people=people, rule=f"tier-{facts['tier'].lower()}", sentence=sentence)
    if not facts["may_auto"]:
        yield _asking(facts["floor_people"], "limits", "The signed limits for this action ask for people.")
    if facts["spent"]:
        yield _asking(1, "allowance", "Policy has decided alone often enough here for now, so a person looks.")
    if facts["criticality"] == "critical":
        yield _asking(1, "critical-service", "The service is critical, so a person always decides.")
    if facts["autonomy"] != "act":
        yield _asking(1, "autonomy", f"Agents may only {facts['autonomy']} here, so a person decides.")
    if not facts["confidence"] > ACT_ABOVE:
        yield _of_confidence(facts["confidence"])


def _of_confidence(confidence: float) -> Ruling:
    percent = f"{confidence:.0%}"
    if confidence >= RECOMMEND_FROM:
        return _asking(1, "confidence", f"Confidence is {percent}: enough to recommend, not to act alone.")
    return _asking(1, "confidence", f"Confidence is only {percent}, so a person decides.")


def _asking(people: int, rule: str, sentence: str) -> Ruling:
    count = max(1, people)
    return Ruling(route=Route.for_people(count, otherwise=Route.SINGLE), people=count, rule=rule, sentence=sentence)
