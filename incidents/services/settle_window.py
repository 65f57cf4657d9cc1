"""Judge anew what a window hid, once it is over."""

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import MONITOR, Actor
from incidents.desk import Desk
from incidents.models import Alert, MaintenanceWindow, Turn
from incidents.services.admit import admit
from incidents.windows import due, hidden_by, locked_window

BATCH = 100


def settle_due(*, actor: Actor = MONITOR) -> list[int]:
    """Settle every window whose end has come, a batch of alerts a transaction; returns the ids that are done."""
    done = []
    for window_id in due(clock.now()):
        while not settle_window(window_id, actor=actor):
            pass
        done.append(window_id)
    return done


@transaction.atomic
def settle_window(window_id: int, *, actor: Actor) -> bool:
    """Give a batch of still firing alerts their state back and judge them; whether the window is settled.

    Another window that is open may hide them again. Safe to run twice, and by two workers at once: each holds the
    turn, and a window that is settled is left alone. A window that is not over is not touched.

    Raises:
        NotFoundError: There is no such window.
    """
    Turn.take()
    window = locked_window(window_id)
    if window.settled_at is not None or window.state(clock.now()) != "over":
        return True
    if window.ended_at is None:  # over for good from here on, also if the clock is set back meanwhile
        window.ended_at = clock.now()
    if not window.hid:
        window.hid = Alert.objects.filter(window=window).count()
    batch = list(hidden_by(window.pk).select_for_update(of=("self",)).order_by("pk")[:BATCH])
    window.save(update_fields=["ended_at", "hid"])
    desk = Desk(actor)
    desk.board.expect((alert.service, alert.source, clock.now()) for alert in batch)
    for alert in map(desk.own, batch):
        alert.status = alert.told
        desk.change(alert)
        window.came_back += admit(desk, alert, at=clock.now())
    desk.write()
    window.save(update_fields=["came_back"])
    if len(batch) == BATCH:
        return False
    _finish(window, actor=actor)
    return True


def _finish(window: MaintenanceWindow, *, actor: Actor) -> None:
    window.settled_at = clock.now()
    window.save(update_fields=["settled_at"])
    ledger.append(
        actor=actor,
        verb="maintenance.settled",
        subject=window.subject,
        facts={"hid": window.hid, "came_back": window.came_back},
        about=[window.subject],
    )
    live.changed("maintenance", "queue")
