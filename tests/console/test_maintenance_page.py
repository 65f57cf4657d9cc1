"""The maintenance page: what is hidden is shown, planning and ending, and text from outside stays text."""

from datetime import timedelta

import pytest

from core import clock
from core.actors import INTAKE, SYSTEM
from incidents.events import AlertEvent, Severity, Status
from incidents.models import MaintenanceWindow
from incidents.services.fold import fold
from incidents.services.open_window import WindowPlan, open_window
from tests.console import world

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def look(client, cast):
    """Somebody's page."""
    world.catalogue()

    def read(handle="ada"):
        client.force_login(cast[handle], backend="django.contrib.auth.backends.ModelBackend")
        return client.get("/maintenance/").content.decode()

    return read


def fire(title, service="checkout", severity="high"):
    now = clock.now()
    event = AlertEvent(
        event_id=title,
        delivery_id="d",
        source="shop",
        fingerprint=f"v1:{title}",
        status=Status.FIRING,
        severity=Severity(severity),
        title=title,
        service=service,
        environment="lab",
        at=now,
        received_at=now,
    )
    return fold(event, source_autonomy="act", actor=INTAKE)


def planned(**more):
    now = clock.now()
    given = {"why": "New disks.", "until": now + timedelta(hours=2), "services": ("checkout",), **more}
    return open_window(WindowPlan(**given), actor=SYSTEM)


def test_nothing_hidden_is_said(look):
    assert "Nothing is hidden." in look()


def test_what_a_window_hides_is_counted_and_its_words_stay_words(look):
    planned(why=EVIL)
    for title in (EVIL, "Disk full"):
        fire(title)
    page = look()

    assert "1 window hides 2 alerts" in page
    assert "A hidden alert is S2" in page
    assert "2 still firing would open 1 incident at most" in page
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_freeze_says_what_it_refuses(look):
    planned(kind="freeze", why="Black Friday.", services=(), environment="lab")
    page = look()

    assert "changes are frozen on all of lab" in page
    assert "Black Friday." in page
    assert 'class="b-f"' in page


def test_a_planned_window_says_what_it_would_have_hidden(look):
    fire("Down", severity="critical")
    planned(starts_at=clock.now() + timedelta(hours=30), until=clock.now() + timedelta(hours=31))
    page = look()

    assert "1 alert, worst S1: narrow it?" in page
    assert "Call off" in page


def test_an_operator_plans_and_ends_a_window_on_the_page(look, client):
    look()
    until = f"{clock.now() + timedelta(hours=3):%Y-%m-%dT%H:%M}"
    form = {
        "kind": "maintenance",
        "services": "checkout, payments",
        "labels": "host=wh-*",
        "until": until,
        "why": "Disks",
    }
    assert client.post("/maintenance/", form).status_code == 302
    window = MaintenanceWindow.objects.get()
    assert (window.services, window.labels) == (["checkout", "payments"], {"host": "wh-*"})
    assert client.post(f"/maintenance/{window.pk}/ending/").status_code == 302
    assert client.post(f"/maintenance/{window.pk}/ending/").status_code == 302
    assert "is over already" in look()
    assert MaintenanceWindow.objects.get().ended_by.startswith("person:")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"until": "soon"}, "Until is no time"),
        ({"labels": "x"}, "is no label"),
        ({"services": "nowhere"}, "catalogue has no"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(look, client, more, said):
    look()
    until = f"{clock.now() + timedelta(hours=3):%Y-%m-%dT%H:%M}"
    answer = client.post("/maintenance/", {"services": "checkout", "until": until, "why": "My reason", **more})

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert 'value="My reason"' in answer.content.decode()


def test_who_is_no_operator_sees_no_button_and_is_refused(look, client):
    window = planned()

    assert "End now" not in look("vera")
    assert client.post(f"/maintenance/{window.pk}/ending/").status_code == 403
    assert (
        client.post("/maintenance/", {"services": "checkout", "until": "2100-01-01T00:00", "why": "x"}).status_code
        == 403
    )
