"""Ask a stored decision again: same inputs, same answer, or say what changed."""

from collections.abc import Mapping
from typing import Any

from approvals.policy.routes import Route
from approvals.policy.rules import parse_rules
from approvals.policy.ruling import Ruling, rule_on
from core.expressions import LIBRARY


def stored(snapshot: Mapping[str, Any], ruling: Ruling, rules_text: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept with a decision: inputs, rules, versions and outcome, JSON-ready.

    Args:
        snapshot: what the ruling looked at.
        ruling: what came out.
        rules_text: the YAML that was in force.
        policy: version and sha256 of the bundle.
    """
    return {
        "snapshot": dict(snapshot),
        "rules": rules_text,
        "policy": dict(policy),
        "library": LIBRARY,
        "outcome": {
            "route": str(ruling.route),
            "people": ruling.people,
            "rule": ruling.rule,
            "sentence": ruling.sentence,
        },
    }


def replay(record: Mapping[str, Any]) -> Ruling:
    """Decide again from a stored record alone; equal to `outcome(record)` unless code or library changed."""
    return rule_on(record["snapshot"], parse_rules(record["rules"]))


def outcome(record: Mapping[str, Any]) -> Ruling:
    """The ruling that a stored record says came out."""
    told = record["outcome"]
    return Ruling(route=Route(told["route"]), people=told["people"], rule=told["rule"], sentence=told["sentence"])
