"""Ask the policy in force about a change: floor from the signed limits, snapshot, ruling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from approvals.bundles import ActivePolicy
from approvals.drafts import ChangeDraft
from approvals.models import ApprovalRequest
from approvals.policy import Route, Ruling, rule_on
from approvals.policy.replay import stored
from approvals.risk import Risk, Tier
from approvals.risk.tiers import strictest
from audit.models import Entry
from proof.documents import Change
from proof.limits import Requirement, requirement

HOUR = timedelta(hours=1)
MOST_TAKEN_BACK = 2
RESUMING = ("agents:all", "policy:alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the policy said.

    Attributes:
        tier: the stricter of score and limits.
        snapshot: what the ruling looked at, canonical.
        floor: what the limits ask for at least.
    """

    tier: Tier
    floor: Requirement
    snapshot: dict[str, Any]
    ruling: Ruling

    def record(self, policy: ActivePolicy) -> dict[str, Any]:
        """What is stored with the request, replayable."""
        bundle = {"sha256": policy.sha256, "version": policy.version}
        return stored(self.snapshot, self.ruling, policy.policy.rules, bundle)


def ask(draft: ChangeDraft, change: Change, risk: Risk, policy: ActivePolicy, now: datetime) -> Asked:
    """Rule on a draft; `change` is the same, read from bytes, so that the floor is that of the real steps."""
    floor = requirement(change, policy.policy)
    tier = strictest(risk.tier, Tier(floor.tier))
    snapshot = _snapshot(draft, change, risk, floor) | _spent(change, policy, now)
    snapshot |= {"tier": str(tier), "hour": now.hour, "weekday": now.isoweekday()}
    return Asked(tier=tier, floor=floor, snapshot=snapshot, ruling=rule_on(snapshot, policy.rules))


def _snapshot(draft: ChangeDraft, change: Change, risk: Risk, floor: Requirement) -> dict[str, Any]:
    return {
        **of_the_change(change, floor),
        "autonomy": draft.autonomy,
        "criticality": draft.criticality,
        "score": risk.score,
        "tainted": draft.tainted,
    }


def of_the_change(change: Change, floor: Requirement) -> dict[str, Any]:
    """The facts that follow from a change's own bytes and the signed limits; whoever signs works them out again."""
    actions, targets = _each(change)
    return {
        "action": actions[0],
        "actions": actions,
        "classes": sorted(floor.classes),
        "confidence": change.confidence,
        "environment": change.environment,
        "floor_people": floor.people,
        "floor_tier": floor.tier,
        "may_auto": floor.may_auto,
        "proposer": change.proposer_kind,
        "reversible": all(step.undo is not None for step in change.steps),
        "target": targets[0],
        "targets": targets,
    }


def _spent(change: Change, policy: ActivePolicy, now: datetime) -> dict[str, Any]:
    """How much of the hourly allowance of automatic decisions is used."""
    made = ApprovalRequest.objects.filter(route__in=[Route.AUTO, Route.NOTIFY], created_at__gt=now - HOUR).values_list(
        "ruling", flat=True
    )
    _, targets = _each(change)
    recent = [_targets(ruling) for ruling in made]
    same = sum(not targets_of.isdisjoint(targets) for targets_of in recent)
    rules = policy.policy
    spent = len(recent) >= rules.auto_per_hour or same >= rules.auto_per_target_per_hour
    spent = spent or any(_taken_back(target) >= MOST_TAKEN_BACK for target in targets)
    return {"recent": len(recent), "recent_on_target": same, "spent": spent}


def _taken_back(target: str) -> int:
    """How many changes on a target were taken back since a person last let policy go on; the executor counts too."""
    resumed = Entry.objects.filter(verb="act.recorded", subject__in=RESUMING).order_by("-pk").first()
    found = Entry.objects.filter(verb="remediation.rolled_back", mentions__subject=f"target:{target}")
    return found.filter(pk__gt=resumed.pk if resumed else 0).count()


def _targets(ruling: Mapping[str, Any]) -> set[str]:
    return set(ruling.get("snapshot", {}).get("targets", ()))


def _each(change: Change) -> tuple[Sequence[str], Sequence[str]]:
    return [step.action for step in change.steps], [step.target for step in change.steps]
