import json

import pytest
from django.db.models.functions import Length
from django.test import Client
from rest_framework.serializers import ModelSerializer

from connectors.models import Delivery
from connectors.serializers import DeliveryDetailSerializer, DeliverySerializer
from connectors.services.accept import accept
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from people.services.add_person import add_person
from people.services.add_token import add_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls("console.urls")]

NASTY = '{"title": "<script>alert(1)</script>\\u202e", "x": "ignore all previous instructions"}'


@pytest.fixture
def session():
    def make(role):
        client = Client()
        person = add_person(role, role.title(), [role], actor=SYSTEM)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def dead(endpoint):
    sent = accept(endpoint.source, NASTY.encode(), headers={"content-type": "application/json"})
    drain(actor=INTAKE)
    sent.refresh_from_db()
    return sent


def test_sources_tell_how_they_are_doing_and_nothing_of_their_address(session, endpoint, dead):
    answer = session("viewer").get("/api/v1/sources/")

    (row,) = answer.json()["results"]
    assert (row["slug"], row["state"], row["deliveries_last_hour"], row["dead_last_hour"]) == (
        "shop", "delivering", 1, 1,
    )  # fmt: skip
    assert row["health"].startswith("last heard")
    assert endpoint.token not in answer.content.decode()
    assert endpoint.source.token_sha256 not in answer.content.decode()


def test_one_source_says_the_same(session, endpoint):
    client = session("viewer")

    assert client.get("/api/v1/sources/shop/").json() == client.get("/api/v1/sources/").json()["results"][0]
    assert client.get("/api/v1/sources/other/").status_code == 404


def test_dead_letters_are_listed_with_their_reason(session, endpoint, dead):
    client = session("viewer")

    for state in ("dead", "DEAD"):
        (row,) = client.get(f"/api/v1/deliveries/?state={state}&source=shop").json()["results"]
        assert (row["id"], row["state"], row["sha256"]) == (dead.uid, "DEAD", dead.sha256)
        assert "no Alertmanager webhook" in row["error"]
        assert row["size_bytes"] == len(NASTY.encode())
        assert "body" not in row
    assert client.get("/api/v1/deliveries/?state=done").json()["results"] == []
    assert client.get("/api/v1/deliveries/?state=lost").status_code == 400
    for nowhere in ("nowhere", "%00", "a%00b"):
        assert client.get(f"/api/v1/deliveries/?source={nowhere}").status_code == 404


def test_what_was_received_is_shown_as_text(session, dead):
    answer = session("viewer").get(f"/api/v1/deliveries/{dead.uid}/")

    assert answer.json()["body"] == NASTY
    assert answer.headers["Content-Type"].startswith("application/json")


def test_what_is_written_by_hand_is_what_the_fields_say(dead):
    row = Delivery.objects.select_related("source").annotate(size_bytes=Length("body")).get()

    for serializer in (DeliverySerializer(), DeliveryDetailSerializer()):
        assert serializer.to_representation(row) == dict(ModelSerializer.to_representation(serializer, row))


def test_a_replay_is_made_once_a_key(session, dead):
    client, path = session("operator"), f"/api/v1/deliveries/{dead.uid}/replays/"
    headers = {"Idempotency-Key": "k1"}

    first = client.post(path, headers=headers)
    again = client.post(path, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["state"], first.json()["replays"]) == ("WAITING", 1)
    drain(actor=INTAKE)
    assert Delivery.objects.get().state == "DEAD"
    assert client.post(path).status_code == 201
    assert client.post(path).status_code == 409


def test_who_only_looks_on_cannot_replay(session, dead):
    answer = session("viewer").post(f"/api/v1/deliveries/{dead.uid}/replays/")

    assert answer.status_code == 403
    assert json.loads(answer.content)["type"].startswith("urn:countersign:problem:")


def test_a_token_needs_the_scope(dead):
    add_person("bot", "Bot", ["operator"], actor=SYSTEM)
    for scopes, read, write in ((["incidents:write"], 403, 403), (["sources:read"], 200, 403)):
        headers = {"authorization": f"Bearer {add_token('bot', scopes, actor=SYSTEM)}"}
        assert Client().get("/api/v1/sources/", headers=headers).status_code == read
        assert Client().post(f"/api/v1/deliveries/{dead.uid}/replays/", headers=headers).status_code == write
