"""The rules. Each looks at one step in its situation; all of them are always asked, so that all refusals are shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.catalogue import ACTIONS

DESTRUCTIVE = re.compile(
    r"(?<![A-Za-z])(rm|del|delete|drop|truncate|destroy|wipe|purge|format|mkfs|shutdown|reboot|kill|force)(?![A-Za-z])"
    r"|[;&|`$<>\\\n\r]|\.\./",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as the guardrails see it: `target` is `<environment>/<service>`."""

    action: str
    adapter: str
    target: str
    params: Mapping[str, str]
    timeout_s: int
    has_undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the rules need to know about the world.

    Attributes:
        environment: the one that the change is for.
        targets: every `<environment>/<service>` of the catalogue.
        protected: targets that no agent may touch, exact, `<environment>/*` or
            `*/<service>`, from the signed policy.
        blast: services that feel the change, the targets included.
        recent: how often each target was acted on within the last hour.
        hands_off: why no agent may act on a target now, in a sentence: a change freeze, or people at work on it.
    """

    environment: str
    targets: frozenset[str]
    protected: tuple[str, ...] = ()
    blast: frozenset[str] = frozenset()
    recent: Mapping[str, int] = field(default_factory=dict)
    hands_off: Mapping[str, str] = field(default_factory=dict)
    max_blast: int = 10
    max_steps: int = 5
    max_recent: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says about a step, or about the whole plan."""

    rule: str
    ok: bool
    sentence: str


Rule = Callable[[PlannedStep, Situation], str]
"""Returns why it refuses; empty if it does not."""


def check(steps: Sequence[PlannedStep], situation: Situation) -> tuple[Verdict, ...]:
    """Ask every rule about every step; the plan passes if nobody refuses. Same inputs, same answer."""
    verdicts = [_verdict("number-of-steps", _number_of_steps(steps, situation))]
    verdicts.append(_verdict("blast-radius", _blast_radius(situation)))
    for step in steps:
        verdicts += [_verdict(name, rule(step, situation)) for name, rule in RULES.items()]
    return tuple(verdicts)


def refusals(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Those that refuse."""
    return tuple(verdict for verdict in verdicts if not verdict.ok)


def _verdict(rule: str, refusal: str) -> Verdict:
    return Verdict(rule=rule, ok=not refusal, sentence=refusal or f"Nothing against it by {rule.replace('-', ' ')}.")


def _number_of_steps(steps: Sequence[PlannedStep], situation: Situation) -> str:
    if not steps:
        return "The plan has no steps."
    if len(steps) > situation.max_steps:
        return f"The plan has {len(steps)} steps; more than {situation.max_steps} are not carried out at once."
    return ""


def _blast_radius(situation: Situation) -> str:
    if len(situation.blast) <= situation.max_blast:
        return ""
    count, most = len(situation.blast), situation.max_blast
    return f"It would be felt by {count} services; more than {most} is too wide for an agent."


def _catalogue(step: PlannedStep, _situation: Situation) -> str:
    action = ACTIONS.get(step.action)
    if action is None:
        return f"The catalogue has no action {step.action!r}."
    if action.adapter != step.adapter:
        return f"{step.action} is done by {action.adapter}, not by {step.adapter!r}."
    return ""


def _parameters(step: PlannedStep, _situation: Situation) -> str:
    action = ACTIONS.get(step.action)
    return action.fault(step.params) if action is not None else ""


def _known_target(step: PlannedStep, situation: Situation) -> str:
    if not step.target.startswith(f"{situation.environment}/"):
        return f"{step.target!r} does not lie in {situation.environment}, which the change is for."
    if step.target not in situation.targets:
        return f"The service catalogue has no {step.target!r}."
    return ""


def _protected_target(step: PlannedStep, situation: Situation) -> str:
    environment, _, slug = step.target.partition("/")
    forms = {step.target, f"{environment}/*", f"*/{slug}", "*/*", "*"}
    hit = next((name for name in situation.protected if name in forms), None)
    return f"{step.target} is protected by the policy ({hit}); only people may touch it." if hit else ""


def _hands_off(step: PlannedStep, situation: Situation) -> str:
    return situation.hands_off.get(step.target, "")


def _destructive(step: PlannedStep, _situation: Situation) -> str:
    for name, value in sorted(step.params.items()):
        found = DESTRUCTIVE.search(value)
        if found:
            return f"{name} contains {found.group(0)!r}, which could destroy something."
    return ""


def _rate(step: PlannedStep, situation: Situation) -> str:
    count = situation.recent.get(step.target, 0)
    if count < situation.max_recent:
        return ""
    return f"{step.target} was already acted on {count} times within the hour; once more is unlikely to help."


def _time_limit(step: PlannedStep, _situation: Situation) -> str:
    action = ACTIONS.get(step.action)
    if action is None or 0 < step.timeout_s <= action.max_timeout_s:
        return ""
    return f"{step.action} may take 1 to {action.max_timeout_s} s, not {step.timeout_s}."


RULES: Mapping[str, Rule] = {
    "catalogue": _catalogue,
    "parameters": _parameters,
    "known-target": _known_target,
    "protected-target": _protected_target,
    "hands-off": _hands_off,
    "destructive-words": _destructive,
    "restart-rate": _rate,
    "time-limit": _time_limit,
}
