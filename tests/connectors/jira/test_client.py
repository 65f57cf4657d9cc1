from datetime import timedelta

import pytest

from connectors.jira import client as module
from connectors.jira.client import Jira
from connectors.ticket_errors import LaterError, NotThereError, TicketError, UncertainError
from core import clock
from tests.connectors.jira.conftest import BASIC, CLOUD

DOWN = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "Down", "labels": ["ours"]}


def test_an_issue_is_made_read_changed_and_commented(client, issues):
    issue_id, key = client.create(DOWN)
    client.change(issue_id, {"summary": "Up"})
    client.comment(issue_id, "Well.")

    (issue,) = issues()
    assert (key, issue["fields"]["summary"], issue["comments"][0]["body"]) == ("OPS-1", "Up", "Well.")
    assert (client.get(key).id, client.get(key).category) == (issue_id, "new")
    assert list(client.comments(issue_id)) == [(client.myself(), "Well.")]


def test_a_write_that_times_out_is_never_sent_twice(client, ask, asked):
    ask.control("habits", lose_answers=1)

    with pytest.raises(UncertainError):
        client.create(DOWN)
    assert asked() == ["POST issue"]


def test_a_slow_answer_is_not_waited_for_longer_than_was_set(ask):
    ask.control("habits", slow_s=0.5)
    client = Jira({"url": ask.server.url, **CLOUD, "timeout_s": 0.1}, BASIC)

    with pytest.raises(UncertainError):
        client.create(DOWN)
    with pytest.raises(LaterError) as caught:
        client.get("OPS-1")
    assert not isinstance(caught.value, UncertainError)


def test_a_limit_says_from_when_on_it_may_be_tried_again_and_nobody_sleeps(client, ask, asked):
    ask.control("habits", limit=0, retry_after="1800")

    before = clock.now()
    with pytest.raises(LaterError) as caught:
        client.create(DOWN)
    assert timedelta(minutes=29) < caught.value.at - before < timedelta(minutes=31)
    assert not isinstance(caught.value, UncertainError), "it was not done, for certain"
    assert len(asked()) == 1


def test_a_limit_may_say_its_end_instead_and_may_say_nothing(client, ask):
    ask.control("habits", limit=0, retry_after="", reset_after_s=600)
    with pytest.raises(LaterError) as caught:
        client.myself()
    assert timedelta(minutes=8) < caught.value.at - clock.now() <= timedelta(minutes=10)

    ask.control("habits", reset_after_s=-1)
    with pytest.raises(LaterError) as caught:
        client.myself()
    assert caught.value.at is None


@pytest.mark.parametrize(
    ("habits", "work", "words"),
    [
        ({"captcha": True}, "myself", "sign in once in a browser"),
        ({"forbidden": True}, "create", "permissions to browse, create"),
        ({"off_screen": ["summary"]}, "create", "summary: Field 'summary' cannot be set.*screens and required fields"),
        ({"deployment": "datacenter"}, "search", "no such thing"),
    ],
)
def test_a_refusal_says_what_to_do(client, ask, habits, work, words):
    ask.control("habits", **habits)
    todo = {"myself": client.myself, "create": lambda: client.create(DOWN), "search": lambda: client.labelled("x")}

    with pytest.raises(TicketError, match=words) as caught:
        todo[work]()
    assert not isinstance(caught.value, LaterError)


def test_the_old_search_is_gone_in_cloud_and_the_sentence_says_what_to_set(ask):
    client = Jira({"url": ask.server.url, **CLOUD, "deployment": "datacenter"}, BASIC)

    with pytest.raises(TicketError, match=r"410: .*set `deployment` to cloud"):
        client.labelled("x")


def test_wrong_credentials_are_said_without_being_shown(ask):
    wrong = Jira({"url": ask.server.url, **CLOUD}, {"user": "me", "token": "hush-hush"})

    with pytest.raises(TicketError, match="Make a new token") as caught:
        wrong.myself()
    assert "hush-hush" not in caught.value.detail
    with pytest.raises(TicketError, match="No account"):
        Jira({"url": ask.server.url, **CLOUD}, {}).myself()


def test_an_issue_that_is_not_there_is_told_as_such_and_odd_names_are_not_asked_for(client, asked):
    with pytest.raises(NotThereError, match="allowed to browse"):
        client.get("OPS-99")
    for bad in ("", "../../x", "OPS-1?x=1", "a" * 61):
        with pytest.raises(TicketError):
            client.get(bad)
    for bad in ("", 'x" OR project = OPS', "a b"):
        with pytest.raises(TicketError):
            client.labelled(bad)
    assert asked() == ["GET OPS-99"]


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_search_is_read_to_its_end(ask, monkeypatch, deployment):
    monkeypatch.setattr(module, "PAGE", 2)
    ask.control("habits", deployment=deployment)
    client = Jira({"url": ask.server.url, **CLOUD, "deployment": deployment}, BASIC)
    made = {client.create(DOWN)[0] for _ in range(5)}

    assert {one.id for one in client.changed("ours", minutes=5)} == made
    assert client.labelled("ours").id == min(made)


def test_comments_are_read_to_their_end(client, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    issue_id, _ = client.create(DOWN)
    for number in range(5):
        client.comment(issue_id, str(number))

    assert [body for _, body in client.comments(issue_id)] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("label", ["theirs", "ou"])
def test_an_issue_that_does_not_carry_the_label_does_not_count(client, monkeypatch, label):
    client.create(DOWN)
    monkeypatch.setattr(module, "_quoted", lambda _label: '"ours"')

    assert client.labelled(label) is None
    assert list(client.changed(label, minutes=5)) == []


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"[]", b'{"id": "x", "key": "OPS-1"}', b"[" * 100_000])
def test_an_answer_that_is_no_answer_is_told_as_such_and_a_write_stays_uncertain(serve, body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    url, _ = serve(answer)
    client = Jira({"url": url, **CLOUD}, BASIC)

    with pytest.raises(TicketError):
        client.get("OPS-1")
    with pytest.raises(UncertainError):
        client.create(DOWN)
