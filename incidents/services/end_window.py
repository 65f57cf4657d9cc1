"""End a maintenance window or a freeze before its time."""

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import WrongStateError
from core.permissions import Permission
from incidents.models import MaintenanceWindow
from incidents.permissions import grants
from incidents.windows import locked_window


@transaction.atomic
def end_window(window_id: int, *, actor: Actor) -> MaintenanceWindow:
    """End a window now, or call a planned one off. What it hides is judged anew at once by `settle_window`.

    Raises:
        NotFoundError: There is no such window.
        NotPermittedError: The actor is not an operator of all that it covers.
        WrongStateError: It is over already.
    """
    window = locked_window(window_id)
    grants.require(Permission.MAINTENANCE_END, actor, window)
    now = clock.now()
    was = window.state(now)
    if was == "over":
        detail = f"Window {window.pk} is over already."
        raise WrongStateError(detail, state="over")

    window.ended_at = now
    window.ended_by = actor.id
    window.save(update_fields=["ended_at", "ended_by"])

    ledger.append(
        actor=actor,
        verb="maintenance.ended",
        subject=window.subject,
        facts={"was": was, "until": clock.rfc3339(window.until)},
        about=[window.subject],
    )
    live.changed("maintenance", "queue")
    return window
