"""Make a change of a draft: score it, rule on it, give it windows and bytes. Nothing is asked of anybody yet."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from approvals import bundles, freezing
from approvals.bundles import ActivePolicy
from approvals.drafts import ChangeDraft
from approvals.freezing import Frame
from approvals.lineage import lineage_of, require_not_denied
from approvals.models import Change
from approvals.policy import Route, Ruling
from approvals.risk import Risk, UnknownLevelError, score
from approvals.rulings import Asked, ask
from audit import ledger
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from proof.documents import Change as ChangeDocument
from proof.limits import protected

MEDIA_TYPE: Final = "application/vnd.countersign.change+json"
UNASKED: Final = Ruling(route=Route.QUORUM, people=0, rule="unasked", sentence="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft with its bytes.

    Attributes:
        data: canonical; `document` the same, read back as everybody will.
        asked: what the policy said.
    """

    draft: ChangeDraft
    data: bytes
    document: ChangeDocument
    risk: Risk
    asked: Asked
    policy: ActivePolicy
    made_at: datetime

    @property
    def ruling(self) -> dict[str, Any]:
        """What is stored with a request, replayable."""
        return self.asked.record(self.policy)


def prepare(draft: ChangeDraft) -> Prepared:
    """Freeze a draft.

    Raises:
        BadInputError: The draft does not make a change, or declares unknown risk levels.
        RefusedError: It aims at a protected target, holds what looks like a secret, cannot be carried out, or was
            denied before.
    """
    policy, now = bundles.in_force(), clock.now()
    _require_possible(draft)
    asked, risk, data, document = _frozen(draft, policy, now)
    require_not_denied(document)
    return Prepared(draft=draft, data=data, document=document, risk=risk, asked=asked, policy=policy, made_at=now)


def keep(prepared: Prepared, *, actor: Actor) -> Change:
    """Store a prepared change's bytes and the row that finds them, and write down that it was frozen."""
    document = prepared.document
    change = Change.objects.create(
        digest=ledger.keep(MEDIA_TYPE, prepared.data),
        uid=document.id,
        version=document.version,
        incident=document.incident,
        intent=document.intent,
        tier=document.tier,
        score=prepared.risk.score,
        covered_by=json.dumps([sorted(place) for place in prepared.draft.places()]),
        created_at=prepared.made_at,
    )
    ledger.append(
        actor=actor,
        verb="change.frozen",
        subject=f"change:{change.digest}",
        about=[change.incident],
        facts={"intent": change.intent, "tier": change.tier, "score": change.score, "version": change.version},
        documents={"change": change.digest, "policy": document.policy_sha256},
    )
    return change


def _require_possible(draft: ChangeDraft) -> None:
    """Nobody is asked to sign what the executor could not do."""
    for check in draft.checks:
        if not check["possible"]:
            detail = f"The executor could not do this, so nobody was asked: {check['sentence']}"
            raise RefusedError(detail, target=str(check["target"]))


def _frozen(draft: ChangeDraft, policy: ActivePolicy, now: datetime) -> tuple[Asked, Risk, bytes, ChangeDocument]:
    """Freeze twice: once to read the steps back as everybody will, and again with what the policy said of them."""
    try:
        risk = score(draft.factors)
    except UnknownLevelError as error:
        raise BadInputError(str(error)) from error
    frame = Frame(
        lineage=lineage_of(draft),
        risk=risk,
        tier=risk.tier,
        policy=policy,
        ruling=UNASKED,
        created_at=now,
        windows=freezing.windows(policy, risk.tier, now),
        nonce=freezing.new_id(),
    )
    _, document = freezing.freeze(draft, frame)
    for target in protected(document, policy.policy):
        detail = f"{target} is protected: nothing may act on it, whoever signs."
        raise RefusedError(detail, target=target)
    asked = ask(draft, document, risk, policy, now)
    windows = freezing.windows(policy, asked.tier, now, not_before=draft.not_before, execute_by=draft.execute_by)
    data, document = freezing.freeze(draft, replace(frame, tier=asked.tier, ruling=asked.ruling, windows=windows))
    return asked, risk, data, document
