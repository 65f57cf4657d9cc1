"""Move the end of a maintenance window or a freeze further away."""

from datetime import datetime

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, WrongStateError
from core.permissions import Permission
from incidents.correlation.windows import Kind, reason
from incidents.models import MaintenanceWindow
from incidents.permissions import grants
from incidents.services.open_window import LONGEST
from incidents.windows import hidden_by, locked_window


@transaction.atomic
def extend_window(window_id: int, until: datetime, *, actor: Actor) -> MaintenanceWindow:
    """Let a window last longer; from its beginning to its new end no longer than one may. Ending sooner is ending it.

    Raises:
        NotFoundError: There is no such window.
        NotPermittedError: The actor is not an operator of all that it covers.
        WrongStateError: It is over already.
        BadInputError: The new end is no later than the old one, or too late.
    """
    window = locked_window(window_id)
    grants.require(Permission.MAINTENANCE_OPEN, actor, window)
    if window.state(clock.now()) == "over":
        detail = f"Window {window.pk} is over already; plan another."
        raise WrongStateError(detail, state="over")
    was, kind = window.until, Kind(window.kind)
    if until <= was:
        detail = f"It ends {was:%Y-%m-%d %H:%M} UTC already; to stop it sooner, end it."
        raise BadInputError(detail, field="until")
    if until - window.starts_at > LONGEST[kind]:
        detail = (
            f"A {kind.value} lasts {LONGEST[kind].days} days at most, so that none is forgotten; plan the next one."
        )
        raise BadInputError(detail, field="until")

    window.until = until
    window.save(update_fields=["until"])
    hidden_by(window.pk).update(held_because=reason(window.as_value()))

    facts = {"was": clock.rfc3339(was), "until": clock.rfc3339(until)}
    ledger.append(actor=actor, verb="maintenance.extended", subject=window.subject, facts=facts, about=[window.subject])
    live.changed("maintenance", "queue")
    return window
