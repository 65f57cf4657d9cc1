"""Drafts as agents write them."""

import secrets
from dataclasses import replace
from typing import Any

from approvals.drafts import ChangeDraft

RUNBOOK = {"name": "rollback-config", "version": "1", "sha256": "ab" * 32}
ROLLBACK_FACTORS = {
    "data": ("confidential", "Payments hold card tokens."),
    "reversibility": ("full", "The revert can be reverted."),
    "blast": ("external", "Customers pay through it."),
    "compliance": ("audit-logged", ""),
}
RESTART_FACTORS = {
    "data": ("internal", ""),
    "reversibility": ("partial", "Requests in flight are lost."),
    "blast": ("team", ""),
    "compliance": ("audit-logged", ""),
}


def step(action: str, target: str, **params: str) -> dict[str, Any]:
    """A step of one action on one target."""
    return {
        "index": 0,
        "action": action,
        "adapter": "git.revert" if action == "rollback-config" else "supervisor.restart",
        "target": target,
        "title": f"{action} {target}",
        "command": f"do {action}",
        "params": [{"name": name, "value": value} for name, value in sorted(params.items())],
        "timeout_s": 60,
        "idempotency_key": secrets.token_hex(16),
        "undo": None,
        "undo_note": "There is none.",
    }


def rollback(**changes: Any) -> ChangeDraft:
    """Rolling payments' configuration back: 9, HIGH, one person."""
    draft = ChangeDraft(
        environment="lab",
        incident="incident:42",
        intent="revert commit 1a2b3c4 in lab",
        runbook=RUNBOOK,
        proposer={"kind": "agent", "id": "planner"},
        steps=[step("rollback-config", "lab/payments", commit="1a" * 20, branch="main")],
        verification={
            "target": "payments",
            "query": 'service:error_ratio{service="payments"}',
            "compare": "<",
            "threshold": "0.01",
            "hold_s": 10,
            "timeout_s": 60,
            "every_s": 1,
            "sentence": "The error rate stays below 1 %.",
        },
        blast_radius={"services": ["payments"], "sentence": "It acts on payments."},
        factors=ROLLBACK_FACTORS,
        criticality="critical",
        confidence=0.93,
        hypothesis="Commit 1a2b3c4 raised the errors of payments",
        diffs=[{"path": "payments.json", "text": '-"fail_rate": 0.05\n+"fail_rate": 0.001\n'}],
        evidence=[{"name": "error rate", "sha256": "cd" * 32}],
    )
    return replace(draft, **changes)


def restart(**changes: Any) -> ChangeDraft:
    """Restarting checkout: 5, MEDIUM, runs with a notice."""
    draft = replace(
        rollback(),
        intent="restart checkout in lab",
        steps=[step("restart-service", "lab/checkout", process="checkout")],
        factors=RESTART_FACTORS,
        criticality="normal",
        diffs=[],
    )
    return replace(draft, **changes)


def nothing_against(change: object, policy: object) -> list[str]:
    """Safeguards that refuse nothing."""
    return []


def everything_against(change: object, policy: object) -> list[str]:
    """Safeguards that refuse all."""
    return ["No."]
