"""The maintenance page: what is hidden is shown, planning and ending, and text from outside stays text."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core import clock
from core.actors import INTAKE, SYSTEM, Actor, Role
from incidents.events import AlertEvent, Severity, Status
from incidents.models import MaintenanceWindow
from incidents.permissions import operates_somewhere
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

    page = look("vera")
    assert not [verb for verb in ("End now", "Plan it", 'href="#plan"') if verb in page]
    assert "The <b>operator</b> role plans windows." in page
    assert client.post(f"/maintenance/{window.pk}/ending/").status_code == 403
    assert (
        client.post("/maintenance/", {"services": "checkout", "until": "2100-01-01T00:00", "why": "x"}).status_code
        == 403
    )


def test_who_runs_operations_of_one_team_may_plan():
    actor = Actor(id="person:1", scoped=frozenset({(Role.OPERATOR, "team:store")}))

    assert operates_somewhere(actor)
    assert not operates_somewhere(replace(actor, scoped=frozenset({(Role.VIEWER, "team:store")})))
    assert not operates_somewhere(SYSTEM)


def test_every_hidden_alert_is_listed_on_the_windows_own_page(look, client):
    window = planned()
    hidden = fire(EVIL)
    assert f'href="/maintenance/{window.pk}/"' in look()
    page = client.get(f"/maintenance/{window.pk}/").content.decode()

    assert "Maintenance on checkout hides 1 alert" in page
    assert f'id="alert-{hidden.pk}"' in page
    assert EVIL not in page
    assert client.get(f"/maintenance/{window.pk + 1}/").status_code == 404


def test_an_alert_that_came_through_is_said(look):
    planned()
    fire("Checkout is down", severity="critical")

    assert "S1 came through the window on checkout." in look()


def test_a_freeze_says_what_it_meets(look, client):
    look()
    made = world.incident("checkout burns", service="checkout")
    world.asked(world.remediation(world.incident(), "AWAITING_APPROVAL"), made)
    planned(kind="freeze", why="Black Friday.", services=("payments", "checkout"))
    inside = planned(services=("checkout",), why="Patch it.")
    planned(services=("inventory",), why="Elsewhere.")
    page = look().split("What it meets")[1].split("</section>")[0]

    assert f'href="/maintenance/{inside.pk}/">checkout: Patch it.' in page
    assert f"{made.number} checkout burns" in page
    assert "waits for a signature" in page
    assert "Elsewhere." not in page


def test_an_operator_lets_a_window_last_longer_and_nonsense_changes_nothing(look, client):
    window = planned()
    page = look()
    assert f'id="extend-{window.pk}"' in page
    for wrong in ("", "soon", "2001-01-01T00:00", "2100-01-01T00:00"):
        assert client.post(f"/maintenance/{window.pk}/extension/", {"until": wrong}).status_code == 302
    assert MaintenanceWindow.objects.get().until == window.until
    later = f"{window.until + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    client.post(f"/maintenance/{window.pk}/extension/", {"until": later})

    assert MaintenanceWindow.objects.get().until > window.until
    assert "The window on checkout lasts until" in look()


def test_who_may_not_extend_or_end_it_is_told_who_may(look, client):
    window = planned()
    page = look("vera")

    assert "An operator of what it covers may end it." in page
    assert client.post(f"/maintenance/{window.pk}/extension/", {"until": "2100-01-01T00:00"}).status_code == 403
