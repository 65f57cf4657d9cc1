"""Plan a maintenance window or a change freeze; it opens by its own time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from incidents.correlation.windows import Kind
from incidents.models import MaintenanceWindow, Service
from incidents.permissions import grants

LONGEST = {Kind.MAINTENANCE: timedelta(days=7), Kind.FREEZE: timedelta(days=60)}
FURTHEST = timedelta(days=366)
MOST_SERVICES, MOST_LABELS, LONGEST_WHY, LONGEST_TEXT = 200, 16, 300, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """What is asked for; see `incidents.models.MaintenanceWindow`. `starts_at` is now where it is None or past."""

    kind: str = Kind.MAINTENANCE.value
    why: str = ""
    until: datetime
    starts_at: datetime | None = None
    services: tuple[str, ...] = ()
    environment: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def open_window(plan: WindowPlan, *, actor: Actor) -> MaintenanceWindow:
    """Plan a window, or open it at once. Incidents that are open already are not touched by it.

    Raises:
        BadInputError: No reason, nothing that it covers, an unknown service, or times that do not fit.
        NotPermittedError: The actor is not an operator of all that it covers.
    """
    now = clock.now()
    starts_at = max(plan.starts_at or now, now)
    kind = _kind(plan)
    window = MaintenanceWindow(
        kind=kind.value,
        why=" ".join(plan.why.split()),
        services=sorted(set(plan.services)),
        environment=plan.environment.strip(),
        labels=dict(plan.labels),
        starts_at=starts_at,
        until=plan.until,
        opened_by=actor.id,
        opened_at=now,
    )
    grants.require(Permission.MAINTENANCE_OPEN, actor, window)
    _require_times(kind, starts_at, plan.until, now)
    _require_matcher(kind, window)
    window.save(force_insert=True)

    facts = {
        "kind": window.kind,
        "why": window.why,
        "from": clock.rfc3339(window.starts_at),
        "until": clock.rfc3339(window.until),
        "services": window.services,
        "environment": window.environment,
        "labels": window.labels,
    }
    ledger.append(actor=actor, verb="maintenance.opened", subject=window.subject, facts=facts, about=[window.subject])
    live.changed("maintenance", "queue")
    return window


def _kind(plan: WindowPlan) -> Kind:
    if plan.kind not in set(Kind):
        detail = f"{plan.kind[:40]!r} is no kind of window; there are {', '.join(Kind)}."
        raise BadInputError(detail, field="kind")
    return Kind(plan.kind)


def _require_times(kind: Kind, starts_at: datetime, until: datetime, now: datetime) -> None:
    longest = LONGEST[kind]
    if until <= now:
        detail = "It would be over already: `until` must be in the future."
    elif until <= starts_at:
        detail = "`until` must come after `from`."
    elif until - starts_at > longest:
        detail = f"A {kind.value} lasts {longest.days} days at most, so that none is forgotten; open the next one then."
    elif starts_at - now > FURTHEST:
        detail = "It begins more than a year from now."
    else:
        return
    raise BadInputError(detail, field="until")


def _require_matcher(kind: Kind, window: MaintenanceWindow) -> None:
    if not window.why or len(window.why) > LONGEST_WHY:
        detail = f"Say why in 1 to {LONGEST_WHY} characters; others will read it."
        raise BadInputError(detail, field="why")
    if kind is Kind.FREEZE and window.labels:
        detail = "A freeze is about services, not about alerts: it takes no labels."
        raise BadInputError(detail, field="labels")
    if kind is Kind.MAINTENANCE and not (window.services or window.environment or window.labels):
        detail = "Say what it covers: services, an environment, or labels. A window over everything is refused."
        raise BadInputError(detail, field="services")
    if len(window.services) > MOST_SERVICES or len(window.labels) > MOST_LABELS:
        detail = f"A window names {MOST_SERVICES} services and {MOST_LABELS} labels at most."
        raise BadInputError(detail, field="services")
    texts = [window.environment, *window.labels, *window.labels.values()]
    if any(not isinstance(text, str) or len(text) > LONGEST_TEXT for text in texts) or len(window.environment) > 80:
        detail = f"Labels are texts of at most {LONGEST_TEXT} characters, an environment of 80."
        raise BadInputError(detail, field="labels")
    _require_known(window.services)


def _require_known(slugs: list[str]) -> None:
    known = set(Service.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    unknown = sorted(set(slugs) - known)
    if unknown:
        detail = f"The service catalogue has no {unknown[0][:80]!r}."
        raise BadInputError(detail, field="services")
