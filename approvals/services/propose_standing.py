"""Propose a standing approval: one harmless action on named targets, within ranges, so often, for some days."""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals import bundles, registry
from approvals import secrets as scanner
from approvals.models import StandingApproval
from approvals.permissions import grants
from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from core.permissions import Permission, Places, place
from proof import canonical
from proof.documents import STANDING, DocumentError, parse_standing
from proof.quorum import State, evaluate_standing

MEDIA_TYPE = "application/vnd.countersign.standing+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDraft:
    """What somebody asks for.

    Attributes:
        environment: such as `lab`; every target lies in it.
        targets: each by name, no patterns.
        params: for every parameter that a step may have, `{name, const}` or `{name, min, max}`.
        per_hour, cool_down_s: at most so often, and so long after the one before.
        teams: team of each target's service, where it has one.
    """

    environment: str
    intent: str
    action: str
    adapter: str
    targets: Sequence[str]
    params: Sequence[Mapping[str, Any]]
    max_uses: int
    per_hour: int
    cool_down_s: int
    not_before: datetime
    not_after: datetime
    teams: Mapping[str, str] = field(default_factory=dict)

    def places(self) -> Places:
        """Its targets, for roles that are held in a part."""
        return tuple(
            place(self.environment, target.partition("/")[2], self.teams.get(target, ""))
            for target in sorted(set(self.targets))
        )


@transaction.atomic
def propose_standing(draft: StandingDraft, *, actor: Actor) -> StandingApproval:
    """Freeze a standing approval for people to sign; until they have, nothing runs under it.

    Raises:
        NotPermittedError: The actor may not propose changes there.
        BadInputError: It is none, or reaches further than the limits let any standing approval.
        RefusedError: It holds what looks like a secret.
    """
    grants.require(Permission.CHANGE_PROPOSE, actor, draft)
    policy, now = bundles.in_force(), clock.now()
    uid = secrets.token_hex(16)
    data = _frozen(draft, uid, policy.sha256, actor)
    verdict = evaluate_standing(
        data, [], registry.current(), policy.content, now=now, audience=f"executor:{draft.environment}"
    )
    if verdict.state is not State.PENDING:
        detail = f"This cannot become a standing approval: {' '.join(verdict.reasons)}"
        raise BadInputError(detail)

    row = StandingApproval.objects.create(
        uid=uid,
        digest=ledger.keep(MEDIA_TYPE, data),
        intent=draft.intent,
        requested_by=actor.id,
        created_at=now,
        not_after=draft.not_after,
    )
    ledger.append(
        actor=actor,
        verb="standing.opened",
        subject=row.subject,
        facts={"intent": row.intent, "name": row.name, "max_uses": draft.max_uses, "tier": verdict.tier},
        documents={"standing": row.digest, "policy": policy.sha256},
    )
    live.changed("queue")
    return row


def _frozen(draft: StandingDraft, uid: str, policy_sha256: str, actor: Actor) -> bytes:
    texts = [("The intent", draft.intent), *((str(one.get("name")), str(one.get("const", ""))) for one in draft.params)]
    place_of_secret = scanner.found_in(texts)
    if place_of_secret:
        detail = f"{place_of_secret}. Refer to secrets by name; nothing was stored."
        raise RefusedError(detail)
    document = {
        "_type": STANDING,
        "id": uid,
        "action": draft.action,
        "adapter": draft.adapter,
        "targets": sorted(set(draft.targets)),
        "params": [dict(one) for one in sorted(draft.params, key=lambda one: str(one.get("name")))],
        "max_uses": draft.max_uses,
        "per_hour": draft.per_hour,
        "cool_down_s": draft.cool_down_s,
        "not_before": clock.rfc3339(draft.not_before),
        "not_after": clock.rfc3339(draft.not_after),
        "policy_sha256": policy_sha256,
        "requested_by": actor.name,
        "intent": unicodedata.normalize("NFC", draft.intent),
        "nonce": secrets.token_hex(16),
        "audience": f"executor:{draft.environment}",
    }
    try:
        data = canonical.dumps(document)
        parse_standing(data)
    except (canonical.CanonicalError, DocumentError) as error:
        detail = f"This is not a standing approval: {error}"
        raise BadInputError(detail) from error
    return data
