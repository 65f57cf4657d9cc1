"""The map of services: what is wrong and how far it goes, drawn, beside it and as a list; never more queries."""

import re
from datetime import timedelta

import pytest

from core import clock
from core.actors import SYSTEM
from incidents.models import Alert, Dependency, Incident, Service
from incidents.services.open_window import WindowPlan, open_window
from people.services.add_person import add_person
from people.services.grant_role import grant_role
from tests.console import world

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"
MOST_QUERIES = 26


@pytest.fixture
def look(client, cast):
    """Somebody's page, at this query."""

    def read(query="", handle="ada"):
        client.force_login(cast[handle], backend="django.contrib.auth.backends.ModelBackend")
        return client.get(f"/services/{query}").content.decode()

    return read


def words_of(page, slug):
    """What stands in a service's box."""
    return re.sub(r"<[^>]+>", "", page.split(f'id="box-{slug}">')[1].split("</a>")[0])


def test_an_empty_catalogue_says_what_it_is_for(look):
    assert "The catalogue is empty" in look()


def test_quiet_services_are_said_to_be_quiet(look):
    world.catalogue()
    page = look()

    assert "No incident touches any of 4 services" in page
    assert 'class="n-hot"' not in page


def test_an_incident_is_drawn_with_all_that_it_reaches(look):
    world.catalogue()
    made = world.incident()
    page = look()

    assert "An incident on payments reaches 3 of 4 services" in page
    assert words_of(page, "payments") == f"payments {made.number}, S2"
    assert words_of(page, "checkout") == "checkout calls it"
    assert words_of(page, "gateway") == "gateway 2 calls away"
    assert words_of(page, "inventory") == "inventory platform"
    assert f"{made.title}, <a" in page  # the sheet of the worst is open without asking


def test_what_an_incident_is_about_comes_before_what_it_touches(look):
    world.catalogue()
    made = world.incident()
    Incident.objects.filter(pk=made.pk).update(services=["checkout", "gateway", "payments"])
    page = look()

    assert "An incident on payments reaches 3 of 4 services" in page
    assert 'id="sheet-h">payments<' in page
    assert page.index('id="row-payments"') < page.index('id="row-checkout"')


def test_the_sheet_says_what_fires_who_needs_it_and_what_covers_it(look):
    world.catalogue()
    world.incident()
    window = open_window(
        WindowPlan(why="New disks.", until=clock.now() + timedelta(hours=1), services=("payments",)), actor=SYSTEM
    )
    page = look("?service=payments")

    assert "payments fails one request in twelve" in page
    assert f"/maintenance/#window-{window.pk}" in page
    assert "New disks." in page
    assert "If payments stopped" in page
    assert "It reaches 2 services at most." in page
    assert "1 incident</span>" in page


def test_what_is_called_without_an_entry_and_what_has_no_owner_are_said(look):
    world.catalogue()
    Service.objects.filter(slug="gateway").update(team="")
    Dependency.objects.create(caller="checkout", callee="card-network")
    page = look("?service=card-network")

    assert "<b>1</b> without an owner" in page
    assert "<b>1</b> called, not in the catalogue" in page
    assert "It is not in the catalogue." in page


def test_it_is_narrowed_by_environment_team_words_and_view(look):
    world.catalogue()
    Service.objects.create(slug="batch", name="Batch", environment="prod", criticality="critical", team="data")
    for query, there in (("?environment=prod", "batch"), ("?team=data", "batch"), ("?text=BATCH+data", "batch")):
        page = look(query)
        assert 'id="row-batch"' in page, query
        assert 'id="row-payments"' not in page, query
        assert there in page
    assert 'id="row-payments"' not in look("?view=critical")
    assert "No service matches “nowhere”" in look("?text=nowhere")
    assert 'id="row-payments"' in look("?view=no-such-view&from=x")


def test_words_from_outside_stay_words(look):
    world.catalogue()
    Service.objects.create(slug="evil", name=EVIL, environment=EVIL[:30], team=EVIL)
    Dependency.objects.create(caller="evil", callee='"><script>')
    world.incident(EVIL, service="evil")
    for query in ("", "?service=evil", '?service="><script>', f"?text={EVIL}", f"?team={EVIL}", "?text=%00"):
        assert "<script>alert" not in look(query)
        assert '"><script>' not in look(query)


def test_somebody_of_one_team_sees_its_services_and_no_other(client, cast):
    world.catalogue()
    world.incident("gateway is down", service="gateway")
    there = add_person("there", "There", [], team="store", actor=SYSTEM)
    grant_role("there", "operator", scope="team:store", actor=SYSTEM)
    client.force_login(there, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/services/").content.decode()

    assert 'id="row-payments"' in page
    assert "gateway" not in page
    assert "inventory" not in page
    assert "There is no service gateway" in client.get("/services/?service=gateway").content.decode()


def test_five_hundred_services_take_no_more_queries_than_four(as_, django_assert_max_num_queries):
    world.catalogue()
    world.incident()
    client = as_("ada")
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/services/?service=payments")
    names = [f"svc-{number:03}" for number in range(500)]
    Service.objects.bulk_create(
        [Service(slug=name, name=name, environment="lab", team=f"team-{n % 20}") for n, name in enumerate(names)]
    )
    calls = {(name, names[(n * 7 + step) % 500]) for n, name in enumerate(names) for step in (1, 50, 211)}
    Dependency.objects.bulk_create([Dependency(caller=a, callee=b) for a, b in sorted(calls) if a != b])
    for name in names[:30]:
        world.incident(f"{name} fails", service=name)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/services/?service=payments").content.decode()

    assert page.count('id="box-') == 60
    assert "Drawn are the 60 of 504" in page
    assert page.count('id="row-') == 100
    assert "from=100" in page
    assert Alert.objects.count() == Incident.objects.count() == 31
