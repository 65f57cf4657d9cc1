"""`./manage.py servicenow`, and `send_again` behind it."""

import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.models import Connection, Ticket
from connectors.secrets import unseal
from connectors.services.send_again import send_again
from core.actors import SYSTEM, Actor
from core.errors import NotFoundError, NotPermittedError
from tests.connectors.servicenow.conftest import BASIC

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, ask, capsys):
    def command(config=None, secret=None, *words):
        (tmp_path / "config.json").write_text(json.dumps({"url": ask.server.url} if config is None else config))
        (tmp_path / "secret.json").write_text(json.dumps(BASIC if secret is None else secret))
        files = ["--config", str(tmp_path / "config.json"), "--secret", str(tmp_path / "secret.json")]
        call_command("servicenow", "connect", "--name", "snow", *files, *words)
        return capsys.readouterr().out

    return command


def test_it_connects_and_the_account_is_nowhere_to_be_read(run):
    assert "snow is connected" in run()

    connection = Connection.objects.get()
    assert unseal(connection.secret) == BASIC
    told = b"".join(bytes(one.facts) + bytes(one.body) for one in Entry.objects.all()) + bytes(connection.secret)
    assert BASIC["password"].encode() not in told
    assert BASIC["password"] not in json.dumps(connection.config)


@pytest.mark.parametrize(
    ("config", "secret"),
    [
        ({"url": "https://x", "password": "p"}, {}),
        (None, {"token": "t"}),
        ([], {}),
        ({"url": "ftp://x"}, {}),
        ({"url": "https://x", "maps": {"read": {"1": "NOPE"}}}, {}),
        ({"url": "https://x", "timeout_s": "long"}, {}),
        ({"url": "https://x", "timeout_s": True}, {}),
        ({"url": "https://x", "timeout_s": 86_400}, {}),
    ],
)
def test_what_makes_no_connection_is_refused_with_a_sentence(run, config, secret):
    with pytest.raises(CommandError):
        run(config, secret)
    assert not Connection.objects.exists()


def test_it_tells_what_was_refused_and_sends_it_again(run, incident, tell, ask, rows, capsys):
    run()
    ask.control("habits", forbidden=["incident"])
    incident()
    tell()
    call_command("servicenow", "status", "--json")
    *_, told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (told["refused"], "403" in told["error"]) == (True, True)

    ask.control("habits", forbidden=[])
    call_command("servicenow", "again", str(told["pk"]))
    call_command("servicenow", "sync")
    assert "Sent 1." in capsys.readouterr().out
    assert len(rows("incident")) == 1
    assert Ticket.objects.get().refused is False


def test_only_an_admin_has_a_ticket_sent_again():
    with pytest.raises(NotPermittedError):
        send_again(1, actor=Actor(id="person:ada", roles=frozenset({"operator"})))
    with pytest.raises(NotFoundError):
        send_again(1, actor=SYSTEM)
