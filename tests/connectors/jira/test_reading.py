"""What people do in Jira comes back: `read_issues`, `hear_ticket`, `heed_hint`."""

import pytest

from connectors.jira import client as module
from connectors.jira.desk import seen
from connectors.jira.maps import maps_of
from connectors.models import Bond, Ticket
from connectors.services.hear_ticket import hear_ticket
from connectors.services.read_changes import read_changes
from connectors.services.read_issues import read_issues
from connectors.ticketing import jira
from core.actors import SYSTEM
from incidents.models import Incident
from tests.connectors.jira.conftest import CLOUD

pytestmark = pytest.mark.django_db


def states(facts_of):
    return [(told["state"], told["code"]) for told in facts_of("ticket.changed")]


def test_an_issue_that_somebody_resolves_there_ends_the_incident_here(bonded, incident, tell, act, facts_of):
    bonded(poll_s=0)
    opened = incident()
    tell()
    act(issue="OPS-1", status="Done")

    tell()

    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"
    assert states(facts_of) == [("RESOLVED", "Done")]
    assert facts_of("incident.resolved")[0]["why"] == "OPS-1 was resolved in Jira."


def test_one_that_somebody_reopens_is_noted_and_reopens_nothing(bonded, incident, tell, act, facts_of):
    bonded(poll_s=0)
    opened = incident()
    tell()
    for status in ("Done", "To Do"):
        act(issue="OPS-1", status=status)
        tell()
        tell()

    assert states(facts_of) == [("RESOLVED", "Done"), ("OPEN", "To Do")]
    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"
    assert Ticket.objects.get().stands == "To Do"


def test_our_own_changes_are_no_news(bonded, incident, tell, facts_of, later):
    connection = bonded(poll_s=0)
    incident()
    for _ in range(3):
        tell()
        later(60)

    bond = Bond.objects.get()
    assert (facts_of("ticket.changed"), read_issues(connection, bond)) == ([], 0)


def test_comments_and_fields_that_somebody_changes_are_no_news_either(bonded, incident, tell, act, facts_of):
    bonded(poll_s=0)
    incident()
    tell()
    act(issue="OPS-1", comment="Looking.", fields={"summary": "Else"})
    tell()

    assert facts_of("ticket.changed") == []
    assert Ticket.objects.get().stands == "To Do"


def test_what_came_into_the_search_late_is_heard(bonded, incident, tell, act, ask, later, facts_of, monkeypatch):
    monkeypatch.setattr(module, "RECONCILED", 0)
    bonded(poll_s=0)
    incident()
    tell()
    ask.control("habits", index_lag_s=300)
    act(issue="OPS-1", status="Done")
    for _ in range(4):
        tell()
        later(60)
    assert facts_of("ticket.changed") == []

    later(100)
    tell()
    assert states(facts_of) == [("RESOLVED", "Done")]


def test_in_cloud_the_latest_issues_are_read_as_they_are_though_the_search_lags(
    bonded, incident, tell, act, ask, facts_of
):
    bonded(poll_s=0)
    incident()
    ask.control("habits", index_lag_s=300)
    tell()
    act(issue="OPS-1", status="Done")

    tell()

    assert states(facts_of) == [("RESOLVED", "Done")]


def test_an_issue_that_somebody_deleted_holds_up_no_reading(bonded, incident, tell, act, facts_of, later):
    bonded(poll_s=0)
    incident()
    incident(fingerprint="2")
    tell()
    act(issue="OPS-1", delete=True)
    act(issue="OPS-2", status="Done")

    tell()

    assert states(facts_of) == [("RESOLVED", "Done")]
    assert Bond.objects.get().error == ""


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_no_time_zone_of_the_account_loses_a_change(bonded, incident, tell, act, ask, facts_of, zone):
    ask.control("habits", deployment="datacenter", zone=zone)
    bonded({"token": "lab-personal-access-token"}, deployment="datacenter", poll_s=0)
    incident()
    tell()
    act(issue="OPS-1", status="Done")

    tell()

    assert states(facts_of) == [("RESOLVED", "Done")]


def test_two_hours_without_us_lose_nothing_of_theirs(bonded, incident, tell, act, later, facts_of):
    bonded(poll_s=0)
    incident()
    tell()
    act(issue="OPS-1", status="In Progress")
    later(7200)

    tell()

    assert states(facts_of) == [("ACKNOWLEDGED", "In Progress")]


def test_a_status_is_read_by_its_category_or_by_an_own_map():
    def read(status, category, **config):
        told = {"id": "1", "key": "OPS-1", "fields": {"status": {"name": status, "statusCategory": {"key": category}}}}
        return seen(module.issue_of(told), maps_of({"url": "https://x", **CLOUD, **config})).state

    assert read("Zu tun", "new") == "OPEN"
    assert read("Geparkt", "undefined") == "unclassified"
    assert read("Won't fix", "done", maps={"read": {"won't FIX": "CLOSED"}}) == "CLOSED"


def test_what_somebody_did_right_before_our_own_write_is_not_hidden_by_it(bonded, incident, tell, act, analyzed):
    bonded(poll_s=3600)
    opened = incident()
    tell()
    act(issue="OPS-1", status="Done")
    analyzed(opened)

    tell()

    assert Incident.objects.get(pk=opened.pk).state == "RESOLVED"


def test_a_state_is_heard_once(bonded, incident, tell, act):
    connection = bonded(poll_s=3600)
    incident()
    tell()
    act(issue="OPS-1", status="In Progress")
    told = seen(jira(connection).get("OPS-1"), maps_of(connection.config))

    heard = [hear_ticket(Ticket.objects.get().pk, told, user="", actor=SYSTEM) for _ in range(2)]

    assert heard == [True, False]


def test_an_outage_and_a_limit_are_kept_for_reading_too(bonded, tell, ask, asked, later):
    connection = bonded(poll_s=0)
    ask.control("habits", limit=0, retry_after="1800")
    for _ in range(3):
        tell()
    assert len(asked()) == 1

    ask.control("habits", limit=-1, down=True)
    later(1801)
    assert read_changes(connection) is False
    assert "503" in Bond.objects.get().error
    ask.control("habits", down=False)
    later(60)
    assert read_changes(connection) is True
    assert Bond.objects.get().error == ""


def test_an_issue_that_we_write_at_this_moment_is_read_the_next_time(bonded, incident, tell, act, facts_of, later):
    connection = bonded(poll_s=0)
    incident()
    tell()
    act(issue="OPS-1", status="Done")
    before = Bond.objects.get().polled_to
    Ticket.objects.update(held_until="2199-01-01T00:00:00Z")
    later(30)
    read_changes(connection)
    assert (facts_of("ticket.changed"), Bond.objects.get().polled_to) == ([], before)

    Ticket.objects.update(held_until=None)
    read_changes(connection)
    assert states(facts_of) == [("RESOLVED", "Done")]


def test_more_than_one_reading_takes_is_read_from_the_last_on(bonded, incident, tell, monkeypatch, later):
    monkeypatch.setattr("connectors.services.read_issues.MOST", 1)
    connection = bonded(poll_s=0)
    incident()
    tell()
    later(7200)
    read_changes(connection)

    assert Bond.objects.get().polled_to < f"{Bond.objects.get().answered_at:%Y-%m-%d %H:%M:%S}"


def test_a_webhook_about_an_issue_of_ours_opens_nothing_and_brings_the_reading_forward(
    bonded, incident, tell, issues, from_webhook, source, django_capture_on_commit_callbacks
):
    bonded(poll_s=3600, source=source.slug)
    incident()
    tell()
    before = Bond.objects.get().poll_at

    with django_capture_on_commit_callbacks(execute=True):
        from_webhook(issues()[0])

    assert Incident.objects.count() == 1
    assert Bond.objects.get().poll_at < before
