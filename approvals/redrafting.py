"""The draft behind a frozen change, so that an edited plan starts from exactly what was asked about."""

from collections.abc import Mapping
from typing import Any, cast

from approvals.drafts import ChangeDraft
from approvals.freezing import new_id
from core.actors import Actor
from proof import canonical
from proof.documents import parse_change

SAME = (
    "environment",
    "incident",
    "intent",
    "runbook",
    "verification",
    "blast_radius",
    "hypothesis",
    "preconditions",
    "touches",
    "unaffected",
    "diffs",
    "evidence",
    "interested_persons",
)


def draft_behind(content: bytes, ruling: Mapping[str, Any], teams: Mapping[str, str], *, author: Actor) -> ChangeDraft:
    """A draft that says what the change says, as a next version by another author.

    Args:
        content: the change's bytes.
        ruling: the stored decision about it; it knows the service's criticality and what agents may do there.
        teams: the team of each target, where it has one.
        author: who edits it; they become an interested person.
    """
    change = parse_change(content)
    document = cast("dict[str, Any]", canonical.loads(content))
    snapshot = ruling.get("snapshot", {})
    return ChangeDraft(
        **{name: document[name] for name in SAME},
        proposer={"kind": author.kind, "id": author.name},
        steps=[_fresh(step) for step in document["steps"]],
        factors={factor.name: (factor.level, factor.note) for factor in change.factors},
        criticality=str(snapshot.get("criticality", "critical")),
        confidence=float(change.confidence),
        autonomy=str(snapshot.get("autonomy", "suggest")),
        tainted=bool(snapshot.get("tainted", True)),
        revises=canonical.sha256(content),
        teams=dict(teams),
    )


def _fresh(step: Mapping[str, Any]) -> dict[str, Any]:
    """The same step as an act of its own: what was done for the older version is not taken for it."""
    undo = step["undo"]
    if undo is not None:
        undo = {**undo, "idempotency_key": new_id()}
    return {**step, "idempotency_key": new_id(), "undo": undo}
