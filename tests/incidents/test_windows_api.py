import json

import pytest
from django.core.management import CommandError, call_command

from core.actors import SYSTEM
from incidents.models import Alert, Incident, MaintenanceWindow
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db
PATH = "/api/v1/maintenance-windows/"
FAR = "2100-01-01T00:00:00Z"


@pytest.fixture
def ask(client, shop):
    """Ask as an operator."""
    client.force_login(
        add_person("op", "Op", ["operator"], actor=SYSTEM), backend="django.contrib.auth.backends.ModelBackend"
    )

    def post(path, body=None, **headers):
        return client.post(path, json.dumps(body or {}), content_type="application/json", headers=headers)

    return post


@pytest.fixture
def soon():
    """An hour from now."""
    from datetime import timedelta

    from core import clock

    return clock.rfc3339(clock.now() + timedelta(hours=1))


def test_a_window_is_opened_listed_and_ended(ask, client, soon, event, tell):
    made = ask(PATH, {"why": "New disks.", "until": soon, "services": ["checkout"]}, **{"Idempotency-Key": "k"})
    again = ask(PATH, {"why": "New disks.", "until": soon, "services": ["checkout"]}, **{"Idempotency-Key": "k"})
    tell(event("a"))

    assert (made.status_code, made.json(), MaintenanceWindow.objects.count()) == (201, again.json(), 1)
    listed = client.get(f"{PATH}?state=open").json()["results"][0]
    assert (listed["state"], listed["hides"]) == (
        "open",
        {"now": 1, "in_all": 1, "worst": "S3", "examples": ["a hurts a lot"]},
    )
    alert = client.get("/api/v1/alerts/").json()["results"][0]
    assert (alert["status"], alert["window"]) == ("suppressed", listed["id"])
    assert "New disks." in alert["held_because"]
    ended = ask(f"{PATH}{listed['id']}/ending/")
    assert (ended.status_code, ended.json()["state"]) == (201, "over")
    assert ask(f"{PATH}{listed['id']}/ending/").status_code == 409
    assert client.get(f"{PATH}?state=open").json()["results"] == []
    assert client.get(f"{PATH}?state=over").json()["results"][0]["id"] == listed["id"]
    assert client.get(f"{PATH}?state=planned").json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"why": "x", "until": "soon", "services": ["checkout"]},
        {"why": "x", "until": FAR, "services": ["checkout"]},
        {"why": "x", "until": FAR, "services": "checkout"},
        {"why": "x", "until": FAR, "labels": {"a": {"b": "c"}}},
        {"why": "x", "until": FAR, "kind": "party"},
        [1],
    ],
)
def test_nonsense_is_a_problem_with_a_code(ask, body):
    answer = ask(PATH, body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["type"].startswith("urn:countersign:problem:")


def test_an_unknown_state_or_window_is_said_so(ask, client):
    assert client.get(f"{PATH}?state=shut").status_code == 400
    assert client.get(f"{PATH}9/").status_code == 404


def test_the_command_opens_lists_and_ends(shop, capsys):
    call_command(
        "maintenance", "open", "--why", "Disks.", "--until", "2h", "--service", "checkout", "--label", "host=wh-*"
    )
    call_command(
        "maintenance", "open", "--why", "Year end.", "--until", "3d", "--environment", "lab", "--freeze", "--json"
    )
    first, second = capsys.readouterr().out.splitlines()
    call_command("maintenance", "end", str(json.loads(second)["id"]))
    call_command("maintenance", "list", "--json")

    assert "open  maintenance  checkout host=wh-*" in first
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert [one["state"] for one in listed] == ["open", "over"]
    assert listed[1]["ended_at"] < listed[1]["until"]
    call_command("maintenance", "list")
    assert f" UTC, ended {listed[1]['ended_at'][:10]} " in capsys.readouterr().out.splitlines()[1]


def test_the_command_lists_what_is_open_however_many_came_after_it(shop, capsys, monkeypatch):
    monkeypatch.setattr("incidents.management.commands.maintenance.NEWEST", 1)
    for why in ("Long.", "Short.", "Shorter."):
        call_command("maintenance", "open", "--why", why, "--until", "2h", "--service", "checkout", "--json")
    for line in capsys.readouterr().out.splitlines()[1:]:
        call_command("maintenance", "end", str(json.loads(line)["id"]))
    capsys.readouterr()

    call_command("maintenance", "list", "--json")

    assert [json.loads(line)["why"] for line in capsys.readouterr().out.splitlines()] == ["Long.", "Shorter."]


@pytest.mark.parametrize(
    "given", [["--until", "later"], ["--until", "2026-13-01T00:00Z"], ["--until", "1h", "--label", "x"]]
)
def test_the_command_says_what_it_does_not_understand(shop, given):
    with pytest.raises(CommandError, match=r"write (NAME=VALUE|2026)"):
        call_command("maintenance", "open", "--why", "x", "--service", "checkout", *given)
    assert (Alert.objects.count(), Incident.objects.count(), MaintenanceWindow.objects.count()) == (0, 0, 0)


def test_a_window_is_extended_by_api_and_by_command(ask, client, soon, capsys):
    made = ask(PATH, {"why": "New disks.", "until": soon, "services": ["checkout"]}).json()
    assert ask(f"{PATH}{made['id']}/extension/", {"until": made["until"]}).status_code == 400
    call_command("maintenance", "extend", str(made["id"]), "--until", "5h", "--json")
    told = json.loads(capsys.readouterr().out)

    assert told["until"] > made["until"]
    assert ask(f"{PATH}{made['id']}/extension/", {"until": "later"}).status_code == 400
    assert client.get(f"{PATH}{made['id']}/").json()["state"] == "open"
