"""`./manage.py webhook`."""

import json

import pytest
from django.core.management import CommandError, call_command

from connectors.models import Webhook
from connectors.services.send_webhooks import send_webhooks

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    def command(*words):
        call_command("webhook", *words)
        return capsys.readouterr().out

    return command


def test_the_way_of_one_webhook_from_the_command_line(run, told, receiver, happen):
    url, _ = receiver()
    told.by((410, {}), name="other", events=("alert.*",))

    made = json.loads(run("add", "chat", url, "--events", "incident.*", "--json"))
    assert made["secret"].startswith("whsec_")
    assert "up to date" in run("list") or "behind" in run("list")

    happen("alert.fired", "alert:1")
    happen()
    send_webhooks()
    assert "countersign.incident.opened" in run("deliveries", "chat")
    assert "stopped" in run("list")
    assert "410" in run("deliveries", "other")
    assert json.loads(run("resume", "other", "--skip", "all", "--json"))["state"] == "active"

    assert "It answered 204" in run("test", "chat")
    assert json.loads(run("rotate", "chat", "--json"))["secret"] != made["secret"]
    assert "paused" in run("pause", "chat")
    assert "active" in run("resume", "chat")
    assert "removed" in run("remove", "chat")
    assert list(Webhook.objects.values_list("name", flat=True)) == ["other"]


def test_the_secret_is_shown_once_and_said_to_be(run, receiver, listed):
    url, _ = receiver()
    out = run("add", "chat", url, "--events", "*")

    assert "whsec_" in out
    assert "this once" in out
    assert "whsec_" not in run("list")


def test_a_test_that_fails_says_so_and_exits_with_1(run, told):
    told.by((500, {}))

    with pytest.raises(SystemExit) as left:
        run("test", "chat")
    assert left.value.code == 1


@pytest.mark.parametrize(
    "words",
    [("add", "chat", "https://127.0.0.1/", "--events", "*"), ("add", "x", "ftp://x/", "--events", "*"), ("pause", "x"),
     ("deliveries", "x"), ("test", "x"), ("remove", "x")],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence(run, words, settings):
    settings.WEBHOOK_NETWORKS = []

    with pytest.raises(CommandError, match=r"\.$"):
        run(*words)
