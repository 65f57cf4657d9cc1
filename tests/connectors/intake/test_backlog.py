import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from connectors.intake import backlog
from connectors.models import Delivery, Source
from connectors.services import drain as module
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from proof import canonical

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]


@pytest.fixture
def post(client):
    def send(made, body="{}"):
        return client.generic("POST", f"/hooks/generic/{made.token}", body, content_type="application/json")

    return send


@pytest.fixture
def loud():
    return add_source("generic", "Loud", actor=SYSTEM)


@pytest.fixture
def quiet():
    return add_source("generic", "Quiet", actor=SYSTEM)


def told(verb):
    return [canonical.loads(bytes(entry.facts)) for entry in Entry.objects.filter(verb=verb).order_by("id")]


def filled(made, count, body=b"{}"):
    for _ in range(count):
        accept(made.source, body, headers={})
    backlog.forget()


def test_one_source_that_storms_is_refused_and_another_is_not(post, loud, quiet, settings):
    settings.INTAKE_MAX_WAITING_EACH = 3
    filled(loud, 3)

    refused = post(loud)

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "of this source" in json.loads(refused.content)["detail"]
    assert json.loads(refused.content)["type"].endswith(":overloaded")
    assert post(quiet).status_code == 202
    assert Delivery.objects.count() == 4


def test_the_operators_are_told_once_and_told_again_when_there_is_room(post, loud, settings):
    settings.INTAKE_MAX_WAITING_EACH = 2
    filled(loud, 2)
    for _ in range(5):
        assert post(loud).status_code == 503
        backlog.forget()

    assert told("source.overloaded") == [{"full": "it", "name": "Loud"}]
    assert Source.objects.get().full_since is not None
    drain(actor=INTAKE)
    drain(actor=INTAKE)

    assert told("source.relieved") == [{"name": "Loud"}]
    assert Source.objects.get().full_since is None
    backlog.forget()
    assert post(loud).status_code == 202


def test_an_inbox_that_is_full_in_all_refuses_whoever_comes(post, loud, quiet, settings):
    settings.INTAKE_MAX_WAITING = 2
    filled(loud, 2)

    assert post(quiet).status_code == 503
    assert told("source.overloaded") == [{"full": "all", "name": "Quiet"}]


def test_refusing_does_not_count_what_waits_each_time(post, loud, settings):
    settings.INTAKE_MAX_WAITING_EACH = 1
    filled(loud, 1)
    post(loud)

    with CaptureQueriesContext(connection) as asked:
        assert post(loud).status_code == 503
    assert [query["sql"] for query in asked if Delivery._meta.db_table in query["sql"]] == []


def test_a_burst_never_fills_more_than_there_is_room_for(post, loud, settings):
    settings.INTAKE_MAX_WAITING_EACH = 7

    codes = [post(loud).status_code for _ in range(20)]

    assert codes.count(202) == 7
    assert Delivery.objects.count() == 7


def test_a_quiet_source_is_read_in_the_first_batch_however_much_a_loud_one_sent(loud, quiet):
    filled(loud, 60)
    filled(quiet, 2)
    turns = module.Turns()

    module.drain_batch(turns, limit=10, actor=INTAKE)

    read = Delivery.objects.exclude(state="WAITING")
    assert read.filter(source=quiet.source).count() == 2
    assert read.filter(source=loud.source).count() == 8


def test_more_sources_than_a_batch_has_places_take_turns(db):
    made = [add_source("generic", f"S{number}", actor=SYSTEM) for number in range(7)]
    for one in made:
        filled(one, 3)
    turns, served = module.Turns(), []

    for _ in range(4):
        module.drain_batch(turns, limit=3, actor=INTAKE)
        served.append(set(Delivery.objects.exclude(state="WAITING").values_list("source", flat=True)))

    assert [len(one) for one in served] == [3, 6, 7, 7]


@pytest.mark.parametrize(
    ("each", "claims"),
    [(1, [30]), (40, [25, 5]), (300, [*[4] * 7, 2]), (5000, [*[4] * 7, 2, 0])],
)
def test_the_larger_bodies_are_the_fewer_are_claimed_at_once_and_nothing_is_left_out(loud, monkeypatch, each, claims):
    monkeypatch.setattr("connectors.intake.turns.FEW", 4)
    monkeypatch.setattr("connectors.intake.turns.BYTES", 1000)
    filled(loud, 30, b"x" * each)
    turns, claimed = module.Turns(), []

    with transaction.atomic():
        while not turns.spent:
            claimed.append([delivery.pk for delivery in turns.claim(100)])

    assert [len(one) for one in claimed] == claims
    assert [pk for one in claimed for pk in one] == list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def test_each_sources_deliveries_are_read_in_the_order_in_which_they_came(loud, quiet, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "_finish", lambda delivery, *_, **__: seen.append((delivery.source_id, delivery.pk)))
    filled(loud, 7)
    filled(quiet, 7)
    turns = module.Turns()
    while not turns.spent:
        module.drain_batch(turns, limit=4, actor=INTAKE)

    assert len(set(seen)) == len(seen) == 14
    for source in (loud.source.pk, quiet.source.pk):
        own = [pk for found, pk in seen if found == source]
        assert own == sorted(own)
