"""Issues in Jira on the pages of an incident and of the sources, beside ServiceNow's records."""

from datetime import timedelta

import pytest

from connectors.models import Bond, Connection, Ticket
from connectors.registry import TICKETS
from connectors.services.read_changes import READ
from console.selectors import mirrors
from core import clock
from tests.console import mirrored

pytestmark = pytest.mark.django_db
TROUBLE = "No transition leads our account from 'To Do' to <b>'Done'</b> in Jira."


@pytest.fixture
def issue(waiting):
    now = clock.now()
    connection = Connection.objects.create(
        name="ops", kind="jira", config={"url": "https://example.test/jira/"}, secret=b"sealed"
    )
    Bond.objects.create(connection=connection, answered_at=now - timedelta(seconds=48))
    return Ticket.objects.create(
        connection=connection, subject=waiting[0].subject, table="incident", sys_id="10001", number="OPS-1",
        stands="To Do", told_at=now, wanted_seq=1, done_seq=1, error=TROUBLE, refused=True,
        correlation_id=f"countersign:{waiting[0].pk}",
    )  # fmt: skip


def test_an_incident_links_its_issue_and_says_what_is_wrong_there(as_, waiting, issue):
    page = as_("ben").get(f"/incidents/{waiting[0].pk}/").content.decode()
    section = page.partition('id="tickets"')[2].partition("</section>")[0]

    for words in (
        'href="https://example.test/jira/browse/OPS-1"', "Ticket in Jira", "To Do", "No transition leads our account",
    ):  # fmt: skip
        assert words in section, words
    assert "<b>'Done'" not in section


def test_every_ticket_system_has_its_page_its_words_and_its_reading():
    assert set(TICKETS) == set(mirrors.PAGES) == set(mirrors.SENT) == set(READ)
    assert set(TICKETS) <= set(mirrors.READ)


def test_both_systems_stand_on_one_page(as_, waiting, issue):
    mirrored.there(*waiting)

    page = as_("ben").get(f"/incidents/{waiting[0].pk}/").content.decode()

    assert all(words in page for words in ("OPS-1", "INC0010001", "CHG0010001", "Ticket in ServiceNow"))


def test_the_sources_page_says_how_the_connection_does(as_, waiting, issue):
    row = as_("ben").get("/sources/").content.decode().partition('id="connection-ops"')[2].partition("</tr>")[0]

    for words in ("Jira, all environments", "states of issues", "issue, comment", "ago", "1 refused"):
        assert words in row, words
    assert "change request" not in row


def test_a_connection_with_jira_has_a_page_without_an_import(as_, issue):
    page = as_("ben").get("/connections/ops/").content.decode()

    assert "Jira" in page
    assert "OPS-1" in page
    assert TROUBLE.partition("<")[0].replace("'", "&#x27;") in page
    assert "<b>'Done'" not in page
    assert "Import services" not in page
