"""A window that lasts longer: by whom, how long, and what it hides says so."""

from datetime import timedelta

import pytest

from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from incidents.models import MaintenanceWindow
from incidents.services.end_window import end_window
from incidents.services.extend_window import extend_window
from incidents.services.open_window import WindowPlan, open_window
from incidents.services.settle_window import settle_due

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def window(monkeypatch, shop, t0):
    """An open one of two hours on checkout."""
    monkeypatch.setattr(clock, "now", lambda: t0)
    return open_window(WindowPlan(why="New disks.", until=t0 + 2 * HOUR, services=("checkout",)), actor=SYSTEM)


def test_its_end_moves_and_what_it_hides_says_the_new_one(window, event, tell, ada, t0, verbs, monkeypatch):
    alert = tell(event("a", 60))
    extend_window(window.pk, t0 + 4 * HOUR, actor=ada)
    alert.refresh_from_db()

    assert alert.held_because == "Hidden until 2026-03-01 16:00 UTC by maintenance: New disks."
    assert verbs(window.subject)[-1] == "maintenance.extended"
    monkeypatch.setattr(clock, "now", lambda: t0 + 3 * HOUR)
    assert settle_due() == []
    monkeypatch.setattr(clock, "now", lambda: t0 + 5 * HOUR)
    assert settle_due() == [window.pk]


@pytest.mark.parametrize("hours", [1, 2, 24 * 7 + 1])
def test_an_end_that_is_no_later_or_too_late_is_refused(window, ada, t0, hours):
    with pytest.raises(BadInputError):
        extend_window(window.pk, t0 + hours * HOUR, actor=ada)
    assert MaintenanceWindow.objects.get().until == t0 + 2 * HOUR


def test_a_window_that_is_over_stays_over(window, ada, t0):
    end_window(window.pk, actor=ada)
    with pytest.raises(WrongStateError):
        extend_window(window.pk, t0 + 4 * HOUR, actor=ada)


def test_only_operators_of_what_it_covers_extend_it(window, mallory, t0):
    with pytest.raises(NotPermittedError):
        extend_window(window.pk, t0 + 4 * HOUR, actor=mallory)
    with pytest.raises(NotFoundError):
        extend_window(window.pk + 1, t0 + 4 * HOUR, actor=mallory)
    assert MaintenanceWindow.objects.get().until == t0 + 2 * HOUR
