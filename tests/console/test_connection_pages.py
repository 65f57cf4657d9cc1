"""The page of a connection: how it stands, what was refused, and importing services by a look first."""

from datetime import timedelta

import pytest

from connectors.models import Bond, Connection, ServiceImport, Ticket
from connectors.services.go_on_importing import go_on_importing
from core import clock
from core.actors import SYSTEM
from incidents.models import Service
from incidents.services.register_service import ServiceEntry, register_service
from people.services.add_person import add_person
from tests.connectors.servicenow.conftest import ask, bonded, cmdb, running

__all__ = ["ask", "bonded", "cmdb", "running"]

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def admin(client, db):
    person = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/healthz")
    return client


def text(client, path="/connections/snow/"):
    return client.get(path).content.decode()


def posted(client, verb):
    return client.post(f"/connections/snow/{verb}/", follow=True).content.decode()


def test_it_says_how_the_connection_stands(admin, bonded):
    connection, now = bonded(), clock.now()
    assert "snow has not answered yet" in text(admin)
    facts = {"answered_at": now - timedelta(seconds=48), "polled_to": "2026-11-21 12:00:00", "failures": 3}
    Bond.objects.update_or_create(connection=connection, defaults=facts)
    assert "snow answers" in text(admin)

    Bond.objects.update(paused_until=now + timedelta(minutes=5), error=f"ServiceNow answered 429: {EVIL}.")

    page = text(admin)
    assert "snow is paused" in page
    assert "2026-11-21 12:00:00, by its clock" in page
    assert "ServiceNow answered 429" in page
    assert EVIL not in page
    assert '<a href="/connections/snow/">snow</a>' in text(admin, "/sources/")
    assert admin.get("/connections/none/").status_code == 404


def test_what_was_refused_stands_there_and_is_sent_again(admin, bonded):
    Ticket.objects.create(
        connection=bonded(), subject="incident:1", table="incident", number="INC7", error="Refused with 403.",
        refused=True,
    )  # fmt: skip

    page = text(admin)

    assert "Refused with 403." in page
    assert f"/tickets/{Ticket.objects.get().pk}/sending/" in page


def test_services_are_looked_at_first_and_then_entered(admin, bonded, cmdb):
    bonded()
    register_service(ServiceEntry(slug="acquirer", name="Acquirer", criticality="critical"), actor=SYSTEM)
    assert "Import services from the CMDB" in text(admin)

    assert "Reading the list of services." in posted(admin, "looks")
    assert "An import from snow is under way" in posted(admin, "looks")
    go_on_importing()
    page = text(admin)
    assert "2 would be added and 1 would be changed." in page
    assert "criticality critical becomes normal" in page
    assert "Not taken from there: 1 remark" in page
    assert Service.objects.count() == 1

    assert "Went through 0 of 3 services" in posted(admin, "imports")
    go_on_importing()
    page = text(admin)
    assert "2 were added and 1 was changed." in page
    assert "Enter them" not in page
    assert Service.objects.count() == 3
    assert "Look again." in posted(admin, "imports")


def test_the_same_again_says_that_nothing_differs(admin, bonded, cmdb):
    bonded()
    for verb in ("looks", "imports", "looks"):
        posted(admin, verb)
        go_on_importing()

    page = text(admin)

    assert "Nothing differs: the catalogue says the same." in page
    assert "3 services are left as they are" in page
    assert "Enter them" not in page


def test_an_old_look_is_not_entered(admin, bonded, cmdb):
    bonded()
    posted(admin, "looks")
    go_on_importing()
    ServiceImport.objects.update(looked_at=clock.now() - timedelta(hours=2))

    assert "Enter them" not in text(admin)
    assert "no look of the last hour" in posted(admin, "imports")


def test_a_refusal_of_the_other_side_is_a_sentence(admin, bonded, ask):
    bonded()
    ask.control("habits", down=True)
    posted(admin, "looks")
    go_on_importing()
    ask.control("habits", down=False)

    page = text(admin)

    assert "It broke off." in page
    assert "ServiceNow answered 503" in page


def test_who_may_not_import_reads_how_it_stands_and_no_more(as_, bonded, cmdb):
    bonded()
    vera = as_("vera")

    page = text(vera)

    assert "The <b>admin</b> role imports services." in page
    assert "/looks/" not in page
    assert vera.post("/connections/snow/looks/").status_code == 403
    assert vera.post("/connections/snow/imports/").status_code == 403


def test_what_is_only_asked_when_it_is_needed_says_so(admin):
    Connection.objects.create(kind="prometheus", name="metrics", config={"url": "http://127.0.0.1:9090/x?key=1"})

    page = text(admin, "/connections/metrics/")

    assert "metrics is asked when it is needed" in page
    assert "http://127.0.0.1:9090<" in page
    assert "key=1" not in page
    assert "CMDB" not in page
