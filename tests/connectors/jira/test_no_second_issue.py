"""One issue an incident and one comment a record, whatever gets lost and however late the search is."""

import pytest

from connectors.jira import client
from connectors.jira.client import Jira
from connectors.jira.desk import TRIED
from connectors.models import Ticket
from connectors.services import send_ticket as module
from connectors.services.send_again import send_again
from connectors.ticketing import jira
from core.actors import SYSTEM
from incidents.services.resolve import resolve

pytestmark = pytest.mark.django_db


def creates(asked):
    return asked().count("POST issue")


@pytest.fixture
def dies(monkeypatch):
    """The process ends where this is called next; what it asked for there is done."""

    def after(owner, name):
        done = getattr(owner, name)

        def last(*args, **told):
            done(*args, **told)
            raise KeyboardInterrupt

        return lambda work: _killed(monkeypatch, owner, name, last, work)

    return after


def _killed(monkeypatch, owner, name, last, work):
    with monkeypatch.context() as dying:
        dying.setattr(owner, name, last)
        with pytest.raises(KeyboardInterrupt):
            work()


def test_a_lost_answer_and_a_search_that_lags_make_one_issue(bonded, incident, tell, issues, asked, ask, later):
    bonded()
    ask.control("habits", lose_answers=1, index_lag_s=120)
    incident()
    tell()
    for _ in range(4):
        later(20)
        tell()
    assert "Jira did not answer" in Ticket.objects.get().error
    assert (creates(asked), Ticket.objects.get().sys_id) == (1, "")

    later(120)
    assert tell() == 1
    (issue,) = issues()
    ticket = Ticket.objects.get()
    assert (creates(asked), ticket.sys_id, ticket.error) == (1, issue["id"], "")
    assert TRIED not in ticket.told
    assert sum("Opened:" in one["body"] for one in issue["comments"]) == 1


def test_an_answer_from_something_in_between_says_nothing_about_the_issue(
    bonded, incident, tell, issues, asked, ask, later
):
    bonded()
    ask.control("habits", bad_gateway=1, index_lag_s=60)
    incident()
    for _ in range(4):
        tell()
        later(40)

    assert (creates(asked), len(issues())) == (1, 1)
    assert Ticket.objects.get().number == "OPS-1"


def test_while_it_is_looked_for_the_ticket_says_until_when(bonded, incident, tell, ask, later):
    bonded()
    ask.control("habits", lose_answers=1, index_lag_s=120)
    incident()
    tell()
    later(20)
    tell()

    assert "It is looked for until " in Ticket.objects.get().error
    assert "made again after that" in Ticket.objects.get().error


def test_a_create_that_was_never_done_is_done_again_once_the_search_must_have_shown_it(
    bonded, incident, tell, issues, asked, ask, later, monkeypatch
):
    bonded(settle_s=300)
    incident()
    before = Jira.create
    monkeypatch.setattr(Jira, "create", lambda *args: ask.control("habits", break_before=1) and before(*args))
    tell()
    monkeypatch.setattr(Jira, "create", before)
    later(200)
    tell()
    assert (creates(asked), issues()) == (1, [])

    later(300)
    assert tell() == 1
    assert (creates(asked), len(issues())) == (2, 1)


def test_a_worker_that_dies_right_after_the_create_leaves_one_issue(bonded, incident, tell, issues, ask, later, dies):
    bonded()
    ask.control("habits", index_lag_s=240)
    incident()
    dies(Jira, "create")(tell)
    later(200)
    assert tell() == 0, "the search does not show it yet"
    later(100)

    assert tell() == 1
    (issue,) = issues()
    assert Ticket.objects.get().sys_id == issue["id"]
    assert sum("Opened:" in one["body"] for one in issue["comments"]) == 1


def test_a_worker_that_dies_after_its_comment_leaves_it_once(
    bonded, incident, tell, issues, act, later, dies, monkeypatch
):
    monkeypatch.setattr(client, "PAGE", 1)
    bonded()
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    dies(Jira, "comment")(tell)
    act(issue="OPS-1", comment="Thanks.", by="ben")
    later(200)

    assert tell() == 1
    (issue,) = issues()
    assert sum("Resolved: Gone." in one["body"] for one in issue["comments"]) == 1
    assert issue["fields"]["status"]["name"] == "Done"


def test_a_worker_that_dies_before_it_writes_down_what_it_did_does_it_once(
    bonded, incident, tell, issues, later, monkeypatch
):
    bonded()
    opened = incident()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    with monkeypatch.context() as dying:
        dying.setattr(module, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tell()
    later(200)

    assert tell() == 1
    (issue,) = issues()
    assert (len(issue["comments"]), issue["fields"]["status"]["name"]) == (1, "Done")


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_any_number_of_lost_answers_repeats_nothing(bonded, incident, tell, issues, ask, later, lost):
    bonded()
    opened = incident()
    ask.control("habits", lose_answers=lost)
    for _ in range(lost + 2):
        tell()
        later(900)
    ask.control("habits", lose_answers=lost)
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    for _ in range(lost + 2):
        tell()
        later(900)

    (issue,) = issues()
    told = "\n".join(one["body"] for one in issue["comments"])
    assert (told.count("Opened:"), told.count("Resolved:")) == (1, 1)
    assert (issue["fields"]["status"]["name"], Ticket.objects.get().error) == ("Done", "")


def test_only_our_own_comment_says_what_was_told(bonded, incident, tell, issues, act, later, dies):
    bonded()
    opened = incident()
    tell()
    resolve(opened.pk, actor=SYSTEM, why="Gone.")
    act(issue="OPS-1", comment="Countersign, up to record 999999:\nnothing", by="mallory")
    dies(Jira, "change")(tell)
    later(200)
    tell()

    assert "Resolved: Gone." in issues()[0]["comments"][-1]["body"]


def test_what_jira_refused_is_not_waited_for(bonded, incident, tell, issues, ask, asked):
    bonded(project="NOPE")
    incident()
    tell()
    ticket = Ticket.objects.get()
    assert (ticket.refused, TRIED in ticket.told) == (True, False)
    assert "project: valid project is required" in ticket.error

    bonded()
    send_again(ticket.pk, actor=SYSTEM)
    tell()
    assert (creates(asked), len(issues())) == (2, 1)


def test_the_oldest_of_several_with_our_label_is_taken(bonded, incident, tell, issues, act):
    connection = bonded()
    incident()
    tell()
    ticket = Ticket.objects.get()
    place = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}}
    act(fields={**place, "summary": "A copy", "labels": [ticket.correlation_id]})

    assert jira(connection).labelled(ticket.correlation_id).id == ticket.sys_id
