"""Incidents as issues: `send_ticket`, `follow_incidents`, `tell_outside` against the fake Jira."""

import pytest

from audit.models import Entry
from audit.selectors import latest_checkpoint, timeline
from connectors.models import Bond, Ticket
from connectors.services.send_again import send_again
from core.actors import SYSTEM, Actor, Role
from incidents.models import Incident
from incidents.services.acknowledge import acknowledge
from incidents.services.resolve import resolve
from tests.connectors.jira.conftest import BEARER

pytestmark = pytest.mark.django_db
ADA = Actor(id="person:ada", roles=frozenset({Role.OPERATOR}))


def verbs(incident):
    return [line.verb for line in timeline(incident.subject)]


def story(issue):
    return "\n".join(one["body"] for one in issue["comments"])


def test_an_incident_becomes_one_issue_with_its_story_as_a_comment(bonded, incident, tell, issues):
    bonded(labels=["oncall"], maps={"components": {"service-1": "Payments"}, "assignees": {"*": "someone"}})
    opened = incident()

    assert (tell(), tell()) == (1, 0)

    (issue,) = issues()
    ticket, fields = Ticket.objects.get(), issue["fields"]
    assert (fields["summary"], fields["priority"]) == (f"{opened.number}: Checkout fails", {"name": "Highest"})
    assert (fields["components"], fields["assignee"]) == ([{"name": "Payments"}], {"accountId": "someone"})
    assert fields["labels"] == [ticket.correlation_id.rpartition(":incident:")[0], ticket.correlation_id, "oncall"]
    assert f"/incidents/{opened.pk}/" in fields["description"]
    assert story(issue).startswith("Countersign, up to record ")
    assert "Opened: Checkout fails" in story(issue)
    assert (ticket.sys_id, ticket.number, ticket.stands) == (issue["id"], "OPS-1", "To Do")
    assert "ticket.created" in verbs(opened)


def test_a_jira_of_ones_own_takes_a_personal_token_and_names(bonded, incident, tell, issues, ask):
    ask.control("habits", deployment="datacenter")
    bonded(BEARER, deployment="datacenter", issue_type="Incident", maps={"assignees": {"*": "ada"}})
    incident()

    tell()

    (issue,) = issues()
    assert (issue["fields"]["issuetype"], issue["fields"]["assignee"]) == ({"name": "Incident"}, {"name": "ada"})


def test_what_goes_on_is_told_once_each_and_moves_the_issue(bonded, incident, tell, issues, facts_of):
    bonded()
    opened = incident()
    tell()
    acknowledge(opened.pk, actor=ADA)
    tell()

    (issue,) = issues()
    assert issue["fields"]["status"]["name"] == "In Progress"
    assert (story(issue).count("Opened:"), story(issue).count("Acknowledged.")) == (1, 1)
    assert facts_of("ticket.updated")[-1]["states"] == ["In Progress"]
    assert Ticket.objects.get().stands == "In Progress"


def test_an_end_is_told_with_outcome_and_a_checkpoint_over_it(bonded, incident, tell, issues):
    bonded()
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="The symptom is gone.")
    tell()

    (issue,) = issues()
    last, resolved = issue["comments"][-1]["body"], Entry.objects.get(verb="incident.resolved")
    assert issue["fields"]["status"]["name"] == "Done"
    assert "Resolved: The symptom is gone." in last
    size = int(last.partition("Ledger checkpoint: ")[2].split()[0])
    assert resolved.leaf.seq < size <= latest_checkpoint().size
    assert "Ledger checkpoint" in issue["fields"]["description"]


def test_a_transition_that_is_not_there_is_said_and_the_story_arrives_all_the_same(bonded, incident, tell, issues, ask):
    bonded()
    ask.control("habits", missing=["Done"])
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()

    ticket, (issue,) = Ticket.objects.get(), issues()
    assert "No transition leads our account from 'To Do' to 'Done'" in ticket.error
    assert "map RESOLVED to another status" in ticket.error
    assert (ticket.stands, ticket.done_seq) == ("To Do", ticket.wanted_seq)
    assert "Resolved: Gone." in story(issue)

    ask.control("habits", missing=[])
    send_again(ticket.pk, actor=SYSTEM)
    tell()
    (issue,) = issues()
    assert (issue["fields"]["status"]["name"], Ticket.objects.get().error) == ("Done", "")
    assert story(issue).count("Resolved:") == 1


def test_a_transition_that_asks_for_a_resolution_gets_one_and_without_one_says_so(bonded, incident, tell, issues, ask):
    bonded()
    ask.control("habits", asks_resolution=True)
    opened = incident()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()
    assert "Resolution is required" in Ticket.objects.get().error

    bonded(resolution="Done")
    send_again(Ticket.objects.get().pk, actor=SYSTEM)
    tell()
    assert issues()[0]["fields"]["resolution"] == {"name": "Done"}


@pytest.mark.parametrize(("status", "state"), [("In Review", "ACKNOWLEDGED"), ("Won't Do", "RESOLVED")])
def test_an_issue_that_people_brought_where_it_means_the_same_is_left_there(
    bonded, incident, tell, issues, act, status, state
):
    bonded(poll_s=0)
    opened = incident()
    tell()
    act(issue="OPS-1", status=status)
    tell()
    if state == "ACKNOWLEDGED":
        acknowledge(opened.pk, actor=ADA)
    tell()
    tell()

    (issue,) = issues()
    assert (issue["fields"]["status"]["name"], Incident.objects.get().state) == (status, state)
    assert Ticket.objects.get().stands == status


def test_what_people_set_stands_until_our_state_changes(bonded, incident, tell, issues, act, analyzed):
    bonded(poll_s=0)
    opened = incident()
    acknowledge(opened.pk, actor=ADA)
    tell()
    act(issue="OPS-1", status="To Do")
    analyzed(opened)
    tell()
    assert issues()[0]["fields"]["status"]["name"] == "To Do"

    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()
    assert issues()[0]["fields"]["status"]["name"] == "Done"


def test_a_limit_is_kept_for_the_whole_connection_without_asking_again(bonded, incident, tell, asked, ask, later):
    bonded()
    incident()
    ask.control("habits", limit=0, retry_after="1800")
    tell()
    incident(fingerprint="2")
    for _ in range(3):
        tell()

    assert len(asked()) == 1
    assert Bond.objects.get().paused_until is not None
    ask.control("habits", limit=-1)
    later(1801)
    assert tell() == 2
    assert Bond.objects.get().paused_until is None


def test_an_outage_of_two_hours_loses_nothing_and_leaves_one_command(bonded, incident, tell, issues, ask, later):
    bonded()
    ask.control("habits", down=True)
    opened = incident()
    for _ in range(8):
        tell()
        later(900)
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    tell()
    assert Ticket.objects.count() == 1

    ask.control("habits", down=False)
    later(900)
    tell()
    (issue,) = issues()
    assert issue["fields"]["status"]["name"] == "Done"
    assert "Opened: Checkout fails" in story(issue)


def test_an_issue_of_theirs_that_an_incident_began_with_is_told_there_and_not_overwritten(
    bonded, tell, issues, act, from_webhook
):
    bonded(source="jira")
    issue = act(fields={"project": {"key": "OPS"}, "issuetype": {"name": "Bug"}, "summary": "Mail is down"})

    opened = from_webhook(issue)
    tell()
    acknowledge(opened.pk, actor=ADA)
    tell()

    (issue,) = issues()
    assert (issue["fields"]["summary"], issue["fields"]["labels"]) == ("Mail is down", [])
    assert "Acknowledged." in story(issue)
    assert issue["fields"]["status"]["name"] == "In Progress"
    assert Ticket.objects.get().is_theirs
