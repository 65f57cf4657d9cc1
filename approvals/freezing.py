"""Freeze a draft: the one place where a change gets its bytes."""

import secrets as random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from approvals import secrets
from approvals.bundles import ActivePolicy
from approvals.drafts import ChangeDraft
from approvals.policy import Ruling
from approvals.risk import Risk, Tier
from core import clock
from core.errors import BadInputError, RefusedError
from proof import canonical
from proof.documents import CHANGE, Change, DocumentError, parse_change

USUALLY_WITHIN: Final = timedelta(hours=1)
"""How long after the time to collect signatures a change may start that asks for no window of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a change comes from.

    Attributes:
        uid, version: the change's own id, and which version of it this is.
        interested_persons: whoever had a hand in it or in an earlier version.
        prior_denials: statements that said no to earlier versions or to the same steps.
    """

    uid: str
    version: int
    interested_persons: tuple[str, ...]
    prior_denials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """When signatures are collected, and when a granted change may start.

    Attributes:
        expires_at: until when signatures are collected.
        not_before, execute_by: between them it may start.
    """

    expires_at: datetime
    not_before: datetime
    execute_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the house adds to a draft.

    Attributes:
        risk: the score; `tier` is at least its tier and at least that of the limits.
        ruling: who decides.
        nonce: 32 hex digits, so that no two changes are the same bytes.
    """

    lineage: Lineage
    risk: Risk
    tier: Tier
    policy: ActivePolicy
    ruling: Ruling
    created_at: datetime
    windows: Windows
    nonce: str


def new_id() -> str:
    """128 random bits, as ids and nonces are written."""
    return random.token_hex(16)


def decimal(confidence: float) -> str:
    """A confidence as documents write it: two decimals, never above what was found."""
    if not 0 <= confidence <= 1:
        detail = f"A confidence lies between 0 and 1, not {confidence}."
        raise BadInputError(detail)
    return f"{int(confidence * 100 + 1e-9) / 100:.2f}"


def windows(
    policy: ActivePolicy,
    tier: Tier,
    start: datetime,
    *,
    not_before: datetime | None = None,
    execute_by: datetime | None = None,
) -> Windows:
    """The windows of a change of a tier; one that names none starts when it is granted, within an hour.

    Raises:
        RefusedError: The policy has no window for the tier.
        BadInputError: The window asked for is over, upside down, or later than the policy lets a change start.
    """
    window = next((found for found in policy.policy.windows if found.tier == tier), None)
    if window is None:
        detail = f"The policy has no window for {tier}. Add one and activate it."
        raise RefusedError(detail)
    expires_at = start + timedelta(seconds=window.collect_s)
    last = expires_at + timedelta(seconds=window.execute_s)
    begins = max(start, not_before or start)
    ends = execute_by or min(last, max(expires_at, begins) + USUALLY_WITHIN)
    if not begins < ends <= last:
        detail = (
            f"The window from {clock.rfc3339(begins)} to {clock.rfc3339(ends)} does not fit: a {tier} change asked for "
            f"now must start by {clock.rfc3339(last)}."
        )
        raise BadInputError(detail)
    return Windows(expires_at=min(expires_at, ends), not_before=begins, execute_by=ends)


def freeze(draft: ChangeDraft, frame: Frame) -> tuple[bytes, Change]:
    """The canonical bytes of a change, and the same read back.

    Raises:
        BadInputError: The draft does not make a change; the sentence says what is wrong.
        RefusedError: It holds what looks like a secret.
    """
    place = secrets.found_in(_texts(draft))
    if place:
        detail = f"{place}. Refer to secrets by name; nothing was stored."
        raise RefusedError(detail)
    try:
        data = canonical.dumps({**_drafted(draft), **_framed(frame)})
        return data, parse_change(data)
    except (canonical.CanonicalError, DocumentError) as error:
        detail = f"This draft does not make a change: {error}"
        raise BadInputError(detail) from error


def _drafted(draft: ChangeDraft) -> dict[str, Any]:
    return {
        "_type": CHANGE,
        "audience": f"executor:{draft.environment}",
        "environment": draft.environment,
        "incident": draft.incident,
        "intent": draft.intent,
        "runbook": dict(draft.runbook),
        "proposer": dict(draft.proposer),
        "steps": _listed(draft.steps),
        "preconditions": _listed(draft.preconditions),
        "verification": dict(draft.verification),
        "touches": _listed(draft.touches),
        "unaffected": list(draft.unaffected),
        "diffs": _listed(draft.diffs),
        "blast_radius": dict(draft.blast_radius),
        "evidence": _listed(draft.evidence),
        "confidence": decimal(draft.confidence),
        "hypothesis": draft.hypothesis,
    }


def _framed(frame: Frame) -> dict[str, Any]:
    lineage, risk = frame.lineage, frame.risk
    return {
        "id": lineage.uid,
        "version": lineage.version,
        "interested_persons": list(lineage.interested_persons),
        "prior_denials": list(lineage.prior_denials),
        "risk": {
            "score": risk.score,
            "tier": str(frame.tier),
            "factors": [
                {"name": factor.name, "level": factor.level, "points": factor.points, "note": factor.note}
                for factor in risk.factors
            ],
        },
        "policy": {
            "sha256": frame.policy.sha256,
            "version": frame.policy.version,
            "rule": frame.ruling.rule,
            "people": frame.ruling.people,
        },
        "created_at": clock.rfc3339(frame.created_at),
        "not_before": clock.rfc3339(frame.windows.not_before),
        "expires_at": clock.rfc3339(frame.windows.expires_at),
        "execute_by": clock.rfc3339(frame.windows.execute_by),
        "max_uses": 1,
        "nonce": frame.nonce,
    }


def _listed(pieces: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(piece) for piece in pieces]


def _texts(draft: ChangeDraft) -> Iterator[tuple[str, str]]:
    yield "The intent", draft.intent
    yield "The hypothesis", draft.hypothesis
    for diff in draft.diffs:
        yield f"The diff of {diff.get('path')}", str(diff.get("text"))
    for step in draft.steps:
        yield f"Step {step.get('index')}", canonical_text(step)


def canonical_text(value: Any) -> str:  # noqa: ANN401 -- any JSON-ready value
    """All text in a value, one line a member, for the scanner."""
    if isinstance(value, dict):
        if set(value) == {"name", "value"}:
            return f"{value['name']}={value['value']}"
        return "\n".join(f"{name}: {canonical_text(member)}" for name, member in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(canonical_text(member) for member in value)
    return str(value)
