import hashlib
import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.base import ReaderError
from connectors.models import Connection, Source
from connectors.registry import actuator, metrics, open_reader, prober
from connectors.services.add_source import add_source
from connectors.services.connect import connect
from connectors.services.renew_source import renew_source
from connectors.warrants import Warrant
from core.actors import SYSTEM, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, RefusedError

pytestmark = pytest.mark.django_db
ADA = Actor(id="person:ada", roles=frozenset({"operator"}))
ODA = Actor(id="person:oda", roles=frozenset({"admin"}))


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_the_command_shows_the_address_once_and_the_database_never_knew_it(capsys, settings):
    settings.PUBLIC_URL = "https://console.example"

    call_command("source", "add", "alertmanager", "--name", "Shop Lab", "--autonomy", "act", "--json")

    told = json.loads(capsys.readouterr().out)
    source = Source.objects.get()
    assert told["url"] == f"https://console.example/hooks/alertmanager/{told['token']}"
    assert source.token_sha256 == hashlib.sha256(told["token"].encode()).hexdigest()
    assert (source.slug, source.autonomy) == ("shop-lab", "act")
    assert verbs() == ["source.added"]
    assert told["token"].encode() not in b"".join(
        bytes(entry.facts) + bytes(entry.body) for entry in Entry.objects.all()
    )


def test_a_real_source_only_observes_unless_told_otherwise(capsys):
    call_command("source", "add", "prometheus", "--name", "Production")
    call_command("source", "list")

    assert Source.objects.get().kind == "alertmanager"
    assert "observe" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "name", "autonomy", "error"),
    [
        ("telepathy", "Z", "observe", NotFoundError),
        ("alertmanager", "", "observe", BadInputError),
        ("alertmanager", "!!!", "observe", BadInputError),
        ("alertmanager", "x" * 200, "observe", BadInputError),
        ("alertmanager", "Z", "everything", BadInputError),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(kind, name, autonomy, error):
    with pytest.raises(error):
        add_source(kind, name, autonomy=autonomy, actor=SYSTEM)
    assert verbs() == []


def test_an_operator_may_not_add_a_source_and_an_owner_may():
    with pytest.raises(NotPermittedError):
        add_source("alertmanager", "Mine", autonomy="act", actor=ADA)

    assert add_source("alertmanager", "Mine", actor=ODA).source.autonomy == "observe"


def test_a_name_is_taken_once():
    add_source("alertmanager", "Shop", actor=SYSTEM)

    with pytest.raises(CommandError, match="source renew shop"):
        call_command("source", "add", "alertmanager", "--name", "shop")


def test_a_renewed_address_replaces_the_old_one():
    old = add_source("alertmanager", "Shop", actor=SYSTEM)

    new = renew_source("shop", actor=SYSTEM)

    assert new.token != old.token
    assert Source.objects.get().token_sha256 == hashlib.sha256(new.token.encode()).hexdigest()
    assert verbs() == ["source.added", "source.renewed"]
    with pytest.raises(NotFoundError):
        renew_source("nothing", actor=SYSTEM)


def test_connecting_again_refreshes_and_the_same_again_writes_nothing():
    secret = {"user": "u", "password": "hush"}
    for url in ("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:2"):
        connect("supervisor", "lab-supervisor", "lab", {"url": url}, secret, actor=SYSTEM)

    found = Connection.objects.get()
    assert found.config == {"url": "http://127.0.0.1:2"}
    assert b"hush" not in bytes(found.secret)
    assert verbs() == ["connection.made", "connection.made"]
    assert opened("supervisor.restart", "lab/checkout").auth == ("u", "hush")


def opened(adapter, target):
    return actuator(adapter, target, Warrant(change="ab" * 32, uses=frozenset({(adapter, target)})))


def test_an_actuator_is_opened_for_the_cleared_tool_and_target_alone():
    connect("supervisor", "lab-supervisor", "lab", {"url": "http://127.0.0.1:1"}, {"user": "u"}, actor=SYSTEM)
    warrant = Warrant(change="ab" * 32, uses=frozenset({("supervisor.restart", "lab/checkout")}))

    with pytest.raises(TypeError):
        actuator("supervisor.restart", "lab/checkout")
    for adapter, target in (("supervisor.restart", "lab/payments"), ("git.revert", "lab/checkout")):
        with pytest.raises(RefusedError, match="does not use"):
            actuator(adapter, target, warrant)
    assert actuator("supervisor.restart", "lab/checkout", warrant)


def test_a_planner_gets_a_tool_that_cannot_act():
    connect("supervisor", "lab-supervisor", "lab", {"url": "http://127.0.0.1:1"}, {"user": "u"}, actor=SYSTEM)

    tool = prober("supervisor.restart", "lab/checkout")

    assert not hasattr(tool, "act")
    assert not hasattr(tool, "look")


def test_a_connection_needs_a_known_kind_and_an_owner():
    with pytest.raises(BadInputError):
        connect("telnet", "x", "lab", {}, actor=SYSTEM)
    with pytest.raises(NotPermittedError):
        connect("prometheus", "x", "lab", {}, actor=ADA)


def test_readers_belong_to_their_environment():
    connect("prometheus", "lab", "lab", {"url": "http://lab"}, actor=SYSTEM)

    assert metrics("lab").url == "http://lab"
    for ask in (lambda: metrics("prod"), lambda: open_reader("telnet", "lab"), lambda: opened("rm.rf", "lab/x")):
        with pytest.raises(ReaderError):
            ask()


def test_a_connection_without_an_environment_serves_all():
    connect("prometheus", "all", "", {"url": "http://all"}, actor=SYSTEM)
    connect("prometheus", "lab", "lab", {"url": "http://lab"}, actor=SYSTEM)

    assert (metrics("prod").url, metrics("lab").url) == ("http://all", "http://lab")


def test_normalise_says_why_a_file_is_rejected_and_stores_nothing(tmp_path, capsys):
    file = tmp_path / "bad.json"
    file.write_bytes(b'{"a": 1e999}')

    call_command("normalise", "alertmanager", str(file))

    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["events"]) == ("reject", [])
    assert "beyond" in told["warnings"][0]
    for wrong in (("telepathy", str(file)), ("alertmanager", str(tmp_path / "none.json"))):
        with pytest.raises(CommandError):
            call_command("normalise", *wrong)
