"""The fake behaves as Jira is documented to, and as `docs/howto/jira.md` says; a test for each trap."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from lab.jira import wiki
from lab.jira.site import PAT

PLACE = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}}


def made(ask, **fields):
    return ask("POST", "issue", {"fields": {**PLACE, "summary": "Down", **fields}}).json()


def search(ask, jql, **more):
    return ask("POST", "/rest/api/3/search/jql", {"jql": jql, "fields": ["labels", "updated"], **more}).json()


def test_a_create_answers_201_with_id_and_key_alone_and_is_read_by_either(ask):
    reply = ask("POST", "issue", {"fields": {**PLACE, "summary": "Down"}})

    assert (reply.status_code, sorted(reply.json())) == (201, ["id", "key", "self"])
    for name in (reply.json()["id"], reply.json()["key"]):
        assert ask("GET", f"issue/{name}").json()["fields"]["status"]["statusCategory"]["key"] == "new"


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"project": {"key": "NO"}}, "project", "valid project is required"),
        ({"issuetype": {"name": "Epos"}}, "issuetype", "invalid"),
        ({"summary": ""}, "summary", "must specify"),
        ({"summary": "a\nb"}, "summary", "newline"),
        ({"summary": "a" * 255}, "summary", "less than 255"),
        ({"description": "a" * 32_768}, "description", "32,767"),
        ({"priority": {"name": "Urgent"}}, "priority", "invalid"),
        ({"components": [{"name": "Nothing"}]}, "components", "not valid"),
        ({"labels": ["a b"]}, "labels", "contains spaces"),
        ({"labels": ["a" * 256]}, "labels", "too long"),
    ],
)
def test_what_fields_do_not_take_is_said_by_field(ask, fields, name, words):
    reply = ask("POST", "issue", {"fields": {**PLACE, "summary": "Down", **fields}})

    assert (reply.status_code, list(reply.json()["errors"])) == (400, [name])
    assert words in reply.json()["errors"][name]


def test_a_field_that_is_on_no_screen_is_refused(ask):
    ask.control("habits", off_screen=["priority"])

    reply = ask("POST", "issue", {"fields": {**PLACE, "summary": "Down", "priority": {"name": "High"}}})

    assert "not on the appropriate screen" in reply.json()["errors"]["priority"]


def test_the_search_lags_behind_and_an_issue_by_its_id_does_not(ask):
    ask.control("habits", index_lag_s=60)
    issue = made(ask, labels=["ours"])

    assert search(ask, 'labels = "ours"')["issues"] == []
    assert ask("GET", f"issue/{issue['id']}").status_code == 200
    ask.control("time", shift_s=61)
    assert [one["id"] for one in search(ask, 'labels = "ours"')["issues"]] == [issue["id"]]


def test_reconciled_issues_are_found_at_once_and_others_are_not(ask):
    ask.control("habits", index_lag_s=60)
    first, _ = made(ask, labels=["ours"]), made(ask, labels=["ours"])

    found = search(ask, 'labels = "ours"', reconcileIssues=[int(first["id"])])["issues"]

    assert [one["id"] for one in found] == [first["id"]]
    assert ask("POST", "/rest/api/3/search/jql", {"jql": "", "reconcileIssues": list(range(51))}).status_code == 400


def test_a_date_in_a_query_is_one_of_the_accounts_zone_and_a_relative_one_needs_none(ask):
    ask.control("habits", zone="Asia/Tokyo")
    made(ask)
    utc, tokyo = (datetime.now(zone) - timedelta(minutes=5) for zone in (UTC, ZoneInfo("Asia/Tokyo")))

    for moment in (utc, tokyo):
        assert len(search(ask, f'updated >= "{moment:%Y-%m-%d %H:%M}"')["issues"]) == 1
    hence = datetime.now(UTC) + timedelta(hours=3)
    assert len(search(ask, f'updated >= "{hence:%Y-%m-%d %H:%M}"')["issues"]) == 1, "a trap: UTC is nine hours behind"
    assert len(search(ask, 'updated >= "-5m"')["issues"]) == 1
    ask.control("time", shift_s=600)
    assert search(ask, 'updated >= "-5m"')["issues"] == []


@pytest.mark.parametrize("jql", ["updated >= yesterday", "colour = red", "labels ~ x", ""])
def test_a_query_that_makes_no_sense_is_refused_as_a_whole(ask, jql):
    assert ask("POST", "/rest/api/3/search/jql", {"jql": jql}).status_code == 400


def test_each_deployment_has_its_own_search_and_its_own_token(ask):
    assert ask("POST", "search", {"jql": 'labels = "x"'}).status_code == 410
    ask.auth = f"Bearer {PAT}"
    assert ask("GET", "myself").status_code == 401

    ask.control("habits", deployment="datacenter")
    assert ask("GET", "myself").json()["key"]
    assert ask("POST", "search", {"jql": 'labels = "x"'}).json()["total"] == 0
    assert ask("POST", "/rest/api/3/search/jql", {"jql": 'labels = "x"'}).status_code == 404


def test_a_list_has_pages_by_number_or_by_token(ask):
    for _ in range(3):
        made(ask, labels=["ours"])

    first = search(ask, 'labels = "ours" ORDER BY created ASC', maxResults=2)
    last = search(ask, 'labels = "ours" ORDER BY created ASC', maxResults=2, nextPageToken=first["nextPageToken"])
    assert (first["isLast"], last["isLast"], len(first["issues"]), len(last["issues"])) == (False, True, 2, 1)
    ask.control("habits", deployment="datacenter")
    page = ask("POST", "search", {"jql": 'labels = "ours"', "startAt": 2}).json()
    assert (page["total"], len(page["issues"])) == (3, 1)


def test_a_status_is_changed_by_transitions_alone_and_one_may_ask_for_a_resolution(ask):
    ask.control("habits", asks_resolution=True)
    path = f"issue/{made(ask)['id']}/transitions"
    done = next(one for one in ask("GET", path).json()["transitions"] if one["to"]["name"] == "Done")

    refused = ask("POST", path, {"transition": {"id": done["id"]}})
    assert (refused.status_code, refused.json()["errors"]) == (400, {"resolution": "Resolution is required."})
    fields = {"resolution": {"name": "Done"}}
    assert ask("POST", path, {"transition": {"id": done["id"]}, "fields": fields}).status_code == 204
    assert ask("POST", path, {"transition": {"id": "99"}}).status_code == 400


def test_comments_come_newest_first_where_asked_and_change_the_issue(ask):
    issue = made(ask)
    before = ask("GET", f"issue/{issue['id']}").json()["fields"]["updated"]
    for text in ("one", "two"):
        assert ask("POST", f"issue/{issue['id']}/comment", {"body": text}).status_code == 201

    told = ask("GET", f"issue/{issue['id']}/comment", orderBy="-created", maxResults="1").json()
    assert (told["total"], [one["body"] for one in told["comments"]]) == (2, ["two"])
    assert ask("GET", f"issue/{issue['id']}").json()["fields"]["updated"] > before


def test_a_limit_says_when_to_come_back_and_an_outage_is_a_503(ask):
    ask.control("habits", limit=1)
    assert [ask("GET", "myself").status_code for _ in range(2)] == [200, 429]
    assert ask("GET", "myself").headers["Retry-After"] == "30"
    ask.control("habits", retry_after="", reset_after_s=60)
    assert ask("GET", "myself").headers["X-RateLimit-Reset"].endswith("Z")

    ask.control("habits", limit=-1, down=True)
    assert ask("GET", "myself").status_code == 503


def test_a_lost_answer_is_a_write_that_was_done(ask):
    ask.control("habits", lose_answers=1)

    with pytest.raises(httpx.HTTPError):
        made(ask)
    assert len(ask.server.site.issues) == 1
    assert ask("GET", "issue/99").status_code == 404


def test_a_captcha_and_a_missing_permission_are_said(ask):
    ask.control("habits", captcha=True)
    assert ask("GET", "myself").headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    ask.control("habits", captcha=False, forbidden=True)
    assert ask("POST", "issue", {"fields": {}}).status_code == 403
    assert ask.control("habits", nonsense=1).status_code == 400


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{code}rm{code}", "macro"),
        ("{html:x}", "macro"),
        ("[~ben]", "mention"),
        ("[~accountid:5b10]", "mention"),
        ("ask @ben", "mention"),
        ("[here|https://x]", "link"),
        ("!x.png!", "image"),
        ("see https://x", "address"),
        ("a\nh1. Big", "heading"),
        ("a\n* b", "list"),
        ("a\n|b|", "table"),
        ("so *bold* it", "phrase *"),
        ("so _slanted_ it", "phrase _"),
        ("so -gone- it", "phrase -"),
        ("a\\\\b", "line break"),
        ("well (!)", "icon"),
    ],
)
def test_the_notation_is_known(text, what):
    assert what in wiki.found(text)
    assert wiki.found("Checkout fails on payments_api: 5 - 3 > 1, 100 % (of all).") == []


def test_it_starts_as_a_program_and_ends_with_its_parent():
    with subprocess.Popen([sys.executable, "-m", "lab.jira"], stdout=subprocess.PIPE, text=True) as program:
        told = json.loads(program.stdout.readline())
        reply = httpx.get(f"{told['url']}/rest/api/2/myself", auth=(told["user"], told["token"]), trust_env=False)
        program.terminate()

    assert reply.status_code == 200
