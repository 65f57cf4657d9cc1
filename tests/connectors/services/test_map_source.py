"""Putting a mapping in force: `map_source`; what is read by it, and what was read before."""

import json

import pytest

from audit.models import Entry
from connectors.mapping.document import MappingError
from connectors.models import Delivery, SourceMapping
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from connectors.services.map_source import map_source
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import BadInputError, NotFoundError, NotPermittedError, TooLargeError, WrongStateError
from incidents.models import Alert

pytestmark = pytest.mark.django_db
ADA = Actor(id="person:ada", roles=frozenset({"operator"}))
RULES = {
    "title": ["msg"],
    "status": {"paths": ["state"], "words": {"LATE": "firing", "DONE": "resolved"}},
    "fingerprint": ["job"],
}


@pytest.fixture
def endpoint():
    return add_source("mapped", "Batch", actor=SYSTEM)


def send(client, endpoint, state="LATE"):
    body = json.dumps({"job": "eu", "state": state, "msg": "no file"})
    assert client.post(f"/hooks/mapped/{endpoint.token}", body, content_type="application/json").status_code == 202
    drain(actor=INTAKE)
    return Delivery.objects.order_by("id").last()


def test_what_came_before_a_mapping_is_kept_and_what_comes_after_is_read_by_it(client, endpoint):
    before = send(client, endpoint)
    assert (before.state, "no mapping yet" in before.error) == ("DEAD", True)

    map_source("batch", RULES, after=0, actor=SYSTEM)
    after = send(client, endpoint)

    assert (after.state, after.events_count) == ("DONE", 1)
    assert Alert.objects.get().title == "no file"
    send(client, endpoint, "DONE")
    assert Alert.objects.get().status == "resolved"


def test_each_version_is_kept_and_recorded(endpoint):
    map_source("batch", RULES, after=0, actor=SYSTEM)
    map_source("batch", {**RULES, "service": "svc"}, after=1, actor=SYSTEM)

    assert list(SourceMapping.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    entries = Entry.objects.filter(verb="source.mapped").order_by("id")
    assert [json.loads(bytes(entry.facts))["version"] for entry in entries] == [1, 2]
    assert json.loads(json.loads(bytes(entries[1].facts))["document"])["service"] == "svc"


def test_two_who_map_at_once_do_not_overwrite_each_other(endpoint):
    map_source("batch", RULES, after=0, actor=SYSTEM)

    with pytest.raises(WrongStateError, match="put in force meanwhile"):
        map_source("batch", {**RULES, "team": "x"}, after=0, actor=SYSTEM)
    with pytest.raises(BadInputError, match="says the same"):
        map_source("batch", RULES, after=1, actor=SYSTEM)
    assert SourceMapping.objects.count() == 1


def test_what_cannot_be_a_mapping_is_refused_and_nothing_changes(endpoint):
    add_source("zabbix", "Shop", actor=SYSTEM)
    long = {**RULES, "labels": {str(number): "a" * 280 + f".b{number}" for number in range(64)}}
    words = {**long, "severity": {"paths": "a", "words": {f"{n:0120d}": "high" for n in range(150)}}}
    for slug, document, actor, error in (
        ("batch", {}, SYSTEM, MappingError),
        ("batch", words, SYSTEM, TooLargeError),
        ("batch", RULES, ADA, NotPermittedError),
        ("nothing", RULES, ADA, NotPermittedError),
        ("nothing", RULES, SYSTEM, NotFoundError),
        ("shop", RULES, SYSTEM, BadInputError),
    ):
        with pytest.raises(error):
            map_source(slug, document, after=0, actor=actor)

    assert SourceMapping.objects.count() == 0
    assert not Entry.objects.filter(verb="source.mapped").exists()
