"""What the API tells about requests, decisions, keys and policies, as plain values."""

from dataclasses import asdict
from typing import Any

from approvals import registry, selectors
from approvals.models import ApprovalRequest, PersonKey, PolicyVersion
from approvals.settling import judge
from audit import ledger
from core.errors import ConsoleError
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
        "not_before": request.not_before,
        "execute_by": request.execute_by,
        "settled_at": request.settled_at,
    }


def plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- any of our dataclasses
    """A read's answer as plain values."""
    return asdict(value)


def request_page(request: ApprovalRequest, person_id: str) -> dict[str, Any]:
    """A request with all that its page shows to a person: the text that is signed, who signed, who is asked next."""
    content = ledger.fetch(request.change_id)
    have, problem = _counted(request)
    return {
        **request_line(request),
        "have": have,
        "problem": problem,
        "text": render(content),
        "render_version": RENDER_VERSION,
        "decisions": told(request),
        "ladder": [plain(step) for step in selectors.ladder(request)],
        "asked": [plain(one) for one in selectors.asked(request)],
        "may_not": [plain(one) for one in selectors.who_may_not(request)],
        "questions": [plain(one) for one in selectors.questions(request)],
        "revisions": [plain(one) for one in selectors.revisions(request)],
        "budget": plain(selectors.budget(person_id)),
        "delegations": [plain(one) for one in selectors.delegations_for(request, person_id)],
        "override": plain(override) if (override := selectors.override_of(request)) else None,
        "standing": plain(standing) if (standing := selectors.standing_of(request)) else None,
        "may_override": selectors.may_override(request, person_id),
    }


def told(request: ApprovalRequest) -> list[dict[str, Any]]:
    """The decisions about a request, oldest first."""
    return [{**plain(one), "decision": one.verdict, "person": one.name} for one in selectors.decisions(request)]


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


def _counted(request: ApprovalRequest) -> tuple[int, str]:
    try:
        return judge(request).have, ""
    except ConsoleError as error:
        return 0, error.detail
