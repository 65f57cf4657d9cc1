"""Tickets on the pages of an incident, of a signature and of the sources, and having one sent again."""

import pytest

from connectors.models import Ticket
from core.actors import SYSTEM
from people.services.add_person import add_person
from tests.console import mirrored

pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets(waiting):
    return mirrored.there(*waiting)


@pytest.fixture
def admin(client, cast):
    person = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/healthz")
    return client


def section(page, start="tickets"):
    return page.partition(f'id="{start}"')[2].partition("</section>")[0]


def test_an_incident_shows_its_records_there_with_number_link_state_and_answers(as_, waiting, tickets):
    page = section(as_("ben").get(f"/incidents/{waiting[0].pk}/").content.decode())

    for words in (
        f'href="{mirrored.URL}/incident.do?sys_id={"a1" * 16}"',
        f'href="{mirrored.URL}/change_request.do?sys_id={"b2" * 16}"',
        "INC0010001", "In Progress", "opened there", "CHG0010001", "Assess", "ago",
        "approver.one approved there: counts, and is no signature",
        "approver.two approved there", "does not count. Nobody here is known to be that approver.",
    ):  # fmt: skip
        assert words in page, words


def test_what_they_say_never_becomes_markup(as_, waiting, tickets):
    page = as_("ben").get(f"/incidents/{waiting[0].pk}/").content.decode()

    assert "&lt;b&gt;Assignment group&lt;/b&gt;" in page
    assert "<b>Assignment group</b>" not in page


def test_an_incident_without_tickets_has_no_such_part(as_, waiting):
    assert 'id="tickets"' not in as_("ben").get(f"/incidents/{waiting[0].pk}/").content.decode()


def test_the_page_of_a_signature_shows_its_change_request_and_that_an_approval_there_is_no_signature(
    as_, waiting, tickets
):
    page = section(as_("ben").get(f"/approvals/{waiting[1].pk}/").content.decode())

    assert "CHG0010001" in page
    assert "no signature" in page
    assert "INC0010001" not in page
    assert "Send again" not in page


def test_an_admin_has_a_refused_one_sent_again_and_nobody_else_sees_the_button(as_, admin, waiting, tickets):
    address = f"/incidents/{waiting[0].pk}/"
    assert f'action="/tickets/{tickets[1].pk}/sending/"' in admin.get(address).content.decode()

    answer = admin.post(f"/tickets/{tickets[1].pk}/sending/", follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert "CHG0010001 is sent again" in answer.content.decode()
    assert Ticket.objects.get(pk=tickets[1].pk).refused is False
    assert "Send again" not in as_("ada").get(address).content.decode()
    assert as_("ada").post(f"/tickets/{tickets[1].pk}/sending/").status_code == 403


def test_the_sources_page_says_how_each_connection_does(as_, waiting, tickets):
    row = as_("ben").get("/sources/").content.decode().partition('id="connection-snow"')[2].partition("</tr>")[0]

    for words in ("ServiceNow, all environments", "incidents, approvals", "change request", "ago", "1 refused"):
        assert words in row, words
