"""Who is asked about a request: by the signed registry and the signed limits, never by rows of people."""

from collections.abc import Iterator

from approvals import bundles, registry
from approvals.models import ApprovalRequest, TimerKind
from audit import ledger
from proof.documents import Change, Limit, Policy, Step, parse_change

EVERYBODY = "approver"
OWNERS = "owners"
STEPS_THAT_ASK = (TimerKind.BACKUP, TimerKind.MANAGER)


def groups_of(change: Change, policy: Policy) -> tuple[str, ...]:
    """The roles and groups from which the limits take signatures for a change."""
    found = dict.fromkeys(group for step in change.steps for group in _groups(step_limits(step, policy), step.target))
    return tuple(found) or (EVERYBODY,)


def step_limits(step: Step, policy: Policy) -> list[Limit]:
    """The limits that speak about a step."""
    params = {param.name: param.value for param in step.params}
    return [limit for limit in policy.limits if limit.covers(step.action, step.target, params)]


def _groups(limits: list[Limit], target: str) -> Iterator[str]:
    for limit in limits:
        if not limit.quorum:
            yield EVERYBODY
        for alternative in limit.quorum:
            for places in alternative:
                yield f"{OWNERS}/{target}" if places.group == OWNERS else places.group


def members(group: str) -> list[str]:
    """The people of a role or group, by id; those who are listed twice once."""
    found = registry.current()
    return sorted(
        person.person_id for person in found.persons if not person.same_as and group in person.roles | person.groups
    )


def asked_at(request: ApprovalRequest) -> dict[str, str]:
    """Who is asked by now: person id to the step that asked them, `quorum` for those asked at the opening."""
    change = parse_change(ledger.fetch(request.change_id))
    groups = [("quorum", group) for group in groups_of(change, bundles.in_force().policy)]
    climbed = request.timers.filter(kind__in=STEPS_THAT_ASK).exclude(done_at=None).order_by("due_at", "pk")
    groups += [(timer.kind, timer.group) for timer in climbed]
    found: dict[str, str] = {}
    for via, group in groups:
        for person_id in members(group):
            found.setdefault(person_id, via)
    return found


def still_to_decide(request: ApprovalRequest) -> list[str]:
    """Those asked who have neither said yes nor no, by id."""
    decided = set(request.decisions.exclude(person_id="").values_list("person_id", flat=True))
    return sorted(set(asked_at(request)) - decided)
