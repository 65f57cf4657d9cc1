"""A change as `proof.documents` takes it: the revert of a bad configuration of payments."""

from datetime import timedelta

from core import clock
from incidents.models import Incident

CONFIG_DIFF = """@@ -1,4 +1,4 @@
 {
-  "acquirer_timeout_ms": 1200,
+  "acquirer_timeout_ms": 40,
   "max_amount_eur": 2500
"""
CONFIG_REVERT = """@@ -1,4 +1,4 @@
 {
-  "acquirer_timeout_ms": 40,
+  "acquirer_timeout_ms": 1200,
   "max_amount_eur": 2500
"""


def query_of(signal: str, service: str) -> str:
    """The recorded series of a signal."""
    series = {"error_rate": "service:error_ratio", "heap": "service:heap_bytes"}.get(signal, f"service:{signal}")
    return f'{series}{{service="{service}"}}'


def change_document(incident_: Incident, *, tier="HIGH", score=9, version=1, people=1, interested=(), **over) -> dict:
    """A change as `proof.documents` takes it."""
    now = clock.now()
    step = {
        "index": 0,
        "action": "rollback-config",
        "adapter": "git.revert",
        "target": "lab/payments",
        "title": "Revert commit 8c1f2ae",
        "command": "git revert --no-edit 8c1f2ae",
        "params": [{"name": "branch", "value": "main"}, {"name": "commit", "value": "8c1f2ae" + "0" * 33}],
        "timeout_s": 60,
        "idempotency_key": "ab" * 16,
        "undo": {
            "title": "reverting the revert",
            "command": "git revert --no-edit HEAD",
            "params": [],
            "timeout_s": 60,
            "idempotency_key": "cd" * 16,
        },
        "undo_note": "The revert is a commit of its own; reverting it puts the change back.",
    }
    factors = [
        {"name": "data", "level": "confidential", "points": 3, "note": "payment amounts, no cards"},
        {"name": "reversibility", "level": "full", "points": 0, "note": "the revert can be reverted"},
        {"name": "blast", "level": "external", "points": 5, "note": "shoppers who pay"},
        {"name": "compliance", "level": "audit-logged", "points": 1, "note": ""},
    ]
    return {
        "_type": "urn:countersign:change:v1",
        "id": f"{incident_.pk:032x}",
        "version": version,
        "audience": "executor:lab",
        "environment": "lab",
        "incident": incident_.subject,
        "intent": "revert commit 8c1f2ae in lab to take back the change to payments that raised its errors",
        "runbook": {"name": "rollback-config", "version": "1", "sha256": "0" * 64},
        "proposer": {"kind": "agent", "id": "planner"},
        "interested_persons": sorted(interested),
        "prior_denials": [],
        "steps": [step],
        "preconditions": [
            {
                "probe": "commit-on-branch",
                "target": "lab/payments",
                "expect": "yes",
                "max_age_s": 30,
                "sentence": "Commit 8c1f2ae is still on main.",
            }
        ],
        "verification": {
            "target": "lab/payments",
            "query": query_of("error_rate", "payments"),
            "compare": "<",
            "threshold": "0.010000",
            "hold_s": 20,
            "timeout_s": 60,
            "every_s": 2,
            "sentence": "The error rate of payments stays below 1 % for 20 s.",
        },
        "touches": [
            {"name": "payments.json", "sentence": "It gets back the content it had before commit 8c1f2ae."},
            {"name": "payments", "sentence": "It takes the configuration up as it does every other one."},
        ],
        "unaffected": ["Other files of the repository", "Stored data"],
        "diffs": [
            {
                "path": "payments.json",
                "text": CONFIG_REVERT,
            }
        ],
        "blast_radius": {
            "services": ["checkout", "gateway", "payments"],
            "sentence": "payments, and through it checkout and gateway.",
        },
        "evidence": [{"name": "error_rate-payments", "sha256": "1" * 64}, {"name": "changes", "sha256": "2" * 64}],
        "confidence": "0.91",
        "hypothesis": "Commit 8c1f2ae made payments' acquirer time-out too short",
        "risk": {"score": score, "tier": tier, "factors": factors},
        "policy": {"sha256": "3" * 64, "version": 2, "rule": "high-risk", "people": people},
        "created_at": clock.rfc3339(now),
        "not_before": clock.rfc3339(now),
        "expires_at": clock.rfc3339(now + timedelta(hours=4)),
        "execute_by": clock.rfc3339(now + timedelta(hours=5)),
        "max_uses": 1,
        "nonce": "ef" * 16,
        **over,
    }
