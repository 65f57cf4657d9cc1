"""What the API tells about requests, decisions, keys and policies, as plain values."""

from typing import Any

from approvals import registry
from approvals.models import ApprovalRequest, Decision, PersonKey, PolicyVersion
from approvals.settling import judge
from audit import ledger
from core.errors import ConsoleError
from people.selectors import names
from proof.render import RENDER_VERSION, render
from proof.words import six_words


def request_line(request: ApprovalRequest) -> dict[str, Any]:
    """A request in short, from its row."""
    change = request.change
    return {
        "id": request.pk,
        "state": request.state,
        "change": change.digest,
        "words": six_words(change.digest),
        "incident": change.incident,
        "intent": change.intent,
        "risk": {"tier": change.tier, "score": change.score},
        "route": request.route,
        "needed": request.needed,
        "rule": request.rule,
        "sentence": request.sentence,
        "created_at": request.created_at,
        "expires_at": request.expires_at,
        "execute_by": request.execute_by,
        "settled_at": request.settled_at,
    }


def request_page(request: ApprovalRequest) -> dict[str, Any]:
    """A request with the text that is signed, how many have signed in a way that counts, and who."""
    content = ledger.fetch(request.change_id)
    have, problem = _counted(request)
    return {
        **request_line(request),
        "have": have,
        "problem": problem,
        "text": render(content),
        "render_version": RENDER_VERSION,
        "decisions": told(request),
    }


def told(request: ApprovalRequest) -> list[dict[str, Any]]:
    """The decisions about a request, oldest first."""
    rows = list(request.decisions.order_by("decided_at", "pk"))
    people = names(row.person_id for row in rows if row.person_id)
    return [_decision(row, people[row.person_id].name if row.person_id in people else "") for row in rows]


def key_line(row: PersonKey) -> dict[str, Any]:
    """A key; where it works stands in the signed registry."""
    listed = registry.current().key(row.key_id)
    return {
        "origins": list(listed.origins) if listed else [],
        "key_id": row.key_id,
        "class": row.key_class,
        "label": row.label,
        "public": row.public,
        "credential_id": row.credential_id,
        "origin": row.origin,
        "backup_eligible": row.backup_eligible,
        "enrolled_at": row.enrolled_at,
        "revoked_at": row.revoked_at,
        "last_used_at": row.last_used_at,
    }


def policy_line(row: PolicyVersion, *, in_force: bool) -> dict[str, Any]:
    """A version of the policy."""
    return {"version": row.version, "sha256": row.sha256, "created_at": row.created_at, "in_force": in_force}


def _decision(row: Decision, name: str) -> dict[str, Any]:
    return {
        "decision": row.verdict,
        "person_id": row.person_id,
        "person": name or "the policy",
        "key_id": row.key_id,
        "comment": row.comment,
        "decided_at": row.decided_at,
        "statement_sha256": row.statement_sha256,
        "sidecar_sha256": row.sidecar_sha256,
    }


def _counted(request: ApprovalRequest) -> tuple[int, str]:
    try:
        return judge(request).have, ""
    except ConsoleError as error:
        return 0, error.detail
