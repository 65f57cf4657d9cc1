"""`./manage.py jira`."""

import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.models import Connection
from connectors.secrets import unseal
from tests.connectors.jira.conftest import BASIC, CLOUD

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, ask, capsys):
    def command(config=None, secret=None):
        (tmp_path / "config.json").write_text(
            json.dumps({"url": ask.server.url, **CLOUD} if config is None else config)
        )
        (tmp_path / "secret.json").write_text(json.dumps(BASIC if secret is None else secret))
        files = ["--config", str(tmp_path / "config.json"), "--secret", str(tmp_path / "secret.json")]
        call_command("jira", "connect", "--name", "ops", *files)
        return capsys.readouterr().out

    return command


def test_it_connects_and_the_token_is_nowhere_to_be_read(run):
    assert "ops is connected" in run()

    connection = Connection.objects.get()
    assert (connection.kind, unseal(connection.secret)) == ("jira", BASIC)
    told = b"".join(bytes(one.facts) + bytes(one.body) for one in Entry.objects.all()) + bytes(connection.secret)
    assert BASIC["token"].encode() not in told
    assert BASIC["token"] not in json.dumps(connection.config)


@pytest.mark.parametrize(
    ("config", "secret"),
    [
        ({"url": "https://x", **CLOUD, "token": "t"}, {}),
        (None, {"hmac": "p"}),
        ([], {}),
        ({"url": "https://x"}, {}),
    ],
)
def test_what_makes_no_connection_is_refused_with_a_sentence(run, config, secret):
    with pytest.raises(CommandError):
        run(config, secret)
    assert not Connection.objects.exists()


def test_it_tells_what_was_refused_and_sends_it_again(run, incident, tell, ask, issues, capsys):
    run()
    ask.control("habits", forbidden=True)
    incident()
    tell()
    call_command("jira", "status", "--json")
    *_, told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (told["refused"], "403" in told["error"]) == (True, True)
    call_command("servicenow", "status", "--json")
    assert capsys.readouterr().out == "", "each command tells of its own"

    ask.control("habits", forbidden=False)
    call_command("jira", "again", str(told["pk"]))
    call_command("jira", "sync")
    assert "Sent 1." in capsys.readouterr().out
    assert len(issues()) == 1
