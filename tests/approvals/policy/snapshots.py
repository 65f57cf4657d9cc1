"""Snapshots for the tests of the policy."""

from typing import Any

CALM: dict[str, Any] = {
    "action": "restart-service",
    "actions": ["restart-service"],
    "autonomy": "act",
    "classes": ["webauthn"],
    "confidence": "0.91",
    "criticality": "normal",
    "environment": "lab",
    "floor_people": 1,
    "floor_tier": "MEDIUM",
    "hour": 3,
    "may_auto": True,
    "proposer": "agent",
    "recent": 0,
    "recent_on_target": 0,
    "reversible": True,
    "score": 5,
    "spent": False,
    "tainted": False,
    "target": "lab/checkout",
    "targets": ["lab/checkout"],
    "tier": "MEDIUM",
    "weekday": 6,
}


def snapshot(**changes: Any) -> dict[str, Any]:
    """A calm snapshot, with something else about it."""
    return {**CALM, **changes}
