"""A small world to judge in: a registry with the cast's keys, a policy, changes, and signed statements about them."""

import hashlib

from proof import canonical, documents, keys
from proof.multisig import sign_with_ed25519
from proof.records import Record
from proof.registry import parse_registry
from proof.render import render
from proof.signatures import sign_envelope
from tests.proof.cast import ALL_CLASSES, INSTALLATION, LOG, NAMES, ORIGIN, PASSKEY, POLICY, ROOT, SSH, at, pem

ROLES = {"ada": ["operator"], "mallory": []}


def key_entry(signer, **changes):
    entry = {
        "key_id": signer.key_id,
        "class": signer.key_class,
        "public": signer.public,
        "enrolled_at": at(0),
        "revoked_at": "",
        "revoked_index": -1,
        "compromised_since": -1,
        **signer.entry,
    }
    return {**entry, **changes}


def person_entry(name, **changes):
    entry = {
        "person_id": name,
        "demo": False,
        "roles": ROLES.get(name, ["approver", "operator"]),
        "groups": [],
        "team": "",
        "same_as": "",
        "expires_at": "",
        "keys": [key_entry(SSH[name]), key_entry(PASSKEY[name])],
    }
    return {**entry, **changes}


def service_entry(name, private, **changes):
    entry = {
        "name": name,
        "public": pem(private),
        "key_id": keys.key_id_of(pem(private)),
        "max_tier": "",
        "audience": "",
    }
    return {**entry, **changes}


def root_key(private, kind="installation"):
    return {"key_id": keys.key_id_of(pem(private)), "public": pem(private), "kind": kind, "person_id": ""}


def person_root_key(name, signer):
    return {"key_id": signer.key_id, "public": signer.public, "kind": "person", "person_id": name}


def root_of(*members, threshold=1):
    return {"threshold": threshold, "keys": list(members)}


def registry_document(**changes):
    value = {
        "_type": documents.REGISTRY,
        "version": 1,
        "previous_sha256": "",
        "installation": INSTALLATION,
        "epoch": 1,
        "created_at": at(0),
        "root": root_of(root_key(ROOT)),
        "rp": {"rp_id": "localhost", "origins": [ORIGIN]},
        "mode": "embedded",
        "services": [
            service_entry("policy", POLICY, max_tier="MEDIUM", audience="executor:lab"),
            service_entry("log", LOG),
        ],
        "log_keys": [],
        "witnesses": {"required": 0, "keys": []},
        "persons": [person_entry(name) for name in NAMES],
    }
    return canonical.dumps({**value, **changes}, max_bytes=4_000_000)


def signed_registry(private=ROOT, **changes):
    data = registry_document(**changes)
    return data, sign_with_ed25519(private, documents.REGISTRY_PAYLOAD, data)


def registry(**changes):
    return parse_registry([signed_registry(**changes)], root_public=pem(ROOT))


def limit(action, tier, people, *, auto=False, targets=("lab/*",), classes=ALL_CLASSES):
    return {
        "action": action,
        "targets": list(targets),
        "tier": tier,
        "people": people,
        "classes": list(classes),
        "auto": auto,
    }


def policy_document(**changes):
    value = {
        "_type": documents.POLICY,
        "version": 1,
        "created_at": at(0),
        "environment": "lab",
        "rules": "rules: []\n",
        "limits": [
            limit("service.restart", "MEDIUM", 0, auto=True),
            limit("config.rollback", "HIGH", 1),
            limit("database.drop", "CRITICAL", 3),
        ],
        "unlisted": {"tier": "CRITICAL", "people": 3, "classes": ALL_CLASSES},
        "protected_targets": ["lab/vault"],
        "windows": [{"tier": "HIGH", "collect_s": 1800, "execute_s": 1800}],
        "auto": {"max_tier": "MEDIUM", "per_hour": 10, "per_target_per_hour": 2},
        "cool_down_s": 0,
    }
    return canonical.dumps({**value, **changes})


def step(action="config.rollback", target="lab/payments", **changes):
    value = {
        "index": 0,
        "action": action,
        "adapter": "git.revert",
        "target": target,
        "title": "Take back commit 1f3a",
        "command": "git revert --no-edit 1f3a",
        "params": [{"name": "commit", "value": "1f3a"}],
        "timeout_s": 60,
        "idempotency_key": "11" * 16,
        "undo": {
            "title": "Bring commit 1f3a back",
            "command": "git revert --no-edit HEAD",
            "params": [],
            "timeout_s": 60,
            "idempotency_key": "22" * 16,
        },
        "undo_note": "The revert is reverted.",
    }
    return {**value, **changes}


def change_value(*, tier="HIGH", people=1, policy=None, steps=None, **changes):
    value = {
        "_type": documents.CHANGE,
        "id": "33" * 16,
        "version": 1,
        "audience": "executor:lab",
        "environment": "lab",
        "incident": "incident:42",
        "intent": "Roll back the configuration of payments to the commit before 1f3a.",
        "runbook": {"name": "rollback-config", "version": 1, "sha256": "44" * 32},
        "proposer": {"kind": "agent", "id": "planner"},
        "interested_persons": [],
        "prior_denials": [],
        "steps": steps or [step()],
        "preconditions": [
            {"probe": "head", "target": "lab/payments", "expect": "1f3a", "max_age_s": 60, "sentence": "1f3a is live."}
        ],
        "verification": {
            "target": "lab/payments", "query": "service:error_ratio", "compare": "<", "threshold": "0.01", "hold_s": 30,
            "timeout_s": 120, "every_s": 5, "sentence": "Errors fall below one in a hundred.",
        },
        "touches": [{"name": "payments", "sentence": "Its configuration goes back."}],
        "unaffected": ["Orders already paid"],
        "diffs": [{"path": "payments.yaml", "text": "-timeout: 1\n+timeout: 30\n"}],
        "blast_radius": {"services": ["payments", "checkout"], "sentence": "Checkout waits on payments."},
        "evidence": [{"name": "error rate", "sha256": "55" * 32}],
        "confidence": "0.87",
        "hypothesis": "Commit 1f3a broke the time-out.",
        "risk": {
            "score": 9, "tier": tier,
            "factors": [{"name": "data", "level": "none", "points": 0, "note": "None is kept."}],
        },
        "policy": {
            "sha256": canonical.sha256(policy or policy_document()), "version": 1, "rule": "high", "people": people,
        },
        "created_at": at(5),
        "not_before": at(5),
        "expires_at": at(30),
        "execute_by": at(45),
        "max_uses": 1,
        "nonce": "66" * 16,
    }  # fmt: skip
    return {**value, **changes}


def change(**changes):
    return canonical.dumps(change_value(**changes))


def statement(name, change_bytes, signer, decision="approve", **changes):
    found = documents.parse_change(change_bytes)
    predicate = {
        "decision": decision,
        "person_id": name,
        "key_id": signer.key_id,
        "request": 7,
        "nonce": hashlib.sha256(f"{name} {decision} {changes}".encode()).hexdigest()[:32],
        "audience": found.audience,
        "policy_sha256": found.policy_sha256,
        "registry_version": 1,
        "tier_seen": found.tier,
        "render_sha256": canonical.sha256(render(change_bytes).encode()),
        "viewed_ms": 12_000,
        "sections_seen": ["diffs"],
        "comment_commitment": "",
        "delegation": "",
        "standing": False,
        "issued_at": at(8),
        "expires_at": at(13),
        "log": {"origin": f"countersign/{INSTALLATION}", "size": 0, "root": ""},
    }
    value = {
        "_type": documents.STATEMENT,
        "predicateType": documents.DECISION,
        "subject": [
            {"name": f"change/{found.id}@{found.version}", "digest": {"sha256": canonical.sha256(change_bytes)}}
        ],
        "predicate": {**predicate, **changes},
    }
    return canonical.dumps(value)


def decide(name, change_bytes, decision="approve", *, signer=None, **changes):
    """A signed statement of a person about a change, with their SSH key unless told otherwise."""
    signer = signer or SSH[name]
    return signer.sign(statement(name, change_bytes, signer, decision, **changes))


def act(name, kind, subject, *, signer=None, **changes):
    """A signed act of a person, with their SSH key unless told otherwise; `particulars` as a mapping."""
    signer = signer or SSH[name]
    particulars = changes.pop("particulars", {})
    value = {
        "_type": documents.ACT,
        "kind": kind,
        "person_id": name,
        "key_id": signer.key_id,
        "installation": INSTALLATION,
        "registry_version": 1,
        "subject": subject,
        "particulars": [{"name": key, "value": particulars[key]} for key in sorted(particulars)],
        "nonce": hashlib.sha256(f"{name} {kind} {subject} {changes}".encode()).hexdigest()[:32],
        "issued_at": at(8),
        "expires_at": at(13),
        "log": {"origin": f"countersign/{INSTALLATION}", "size": 0, "root": ""},
    }
    return signer.sign(canonical.dumps({**value, **changes}), documents.ACT_PAYLOAD)


def automatic(change_bytes, private=POLICY, **changes):
    """The policy service's signed decision about a change."""
    found = documents.parse_change(change_bytes)
    predicate = {
        "decision": "approve",
        "key_id": keys.key_id_of(pem(private)),
        "route": "notify",
        "request": 7,
        "nonce": "77" * 16,
        "audience": found.audience,
        "policy_sha256": found.policy_sha256,
        "snapshot_sha256": "88" * 32,
        "standing": "",
        "registry_version": 1,
        "issued_at": at(6),
        "expires_at": at(30),
    }
    value = {
        "_type": documents.STATEMENT,
        "predicateType": documents.AUTO_DECISION,
        "subject": [
            {"name": f"change/{found.id}@{found.version}", "digest": {"sha256": canonical.sha256(change_bytes)}}
        ],
        "predicate": {**predicate, **changes},
    }
    return sign_envelope(private, canonical.dumps(value))


def restart(**changes):
    """A MEDIUM change that policy may decide alone."""
    return change(tier="MEDIUM", people=0, steps=[step("service.restart", "lab/checkout")], **changes)


def recorded(sidecars, first=0):
    """Sidecars with their places in the ledger, in the order given."""
    return [Record(first + place, data) for place, data in enumerate(sidecars)]
