"""`/api/v1/webhooks/`."""

import json
import re

import pytest
from django.test import Client

from connectors.models import Webhook
from connectors.services.send_webhooks import send_webhooks
from core.actors import SYSTEM
from incidents.models import Receipt
from people.services.add_person import add_person
from people.services.add_token import add_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls("console.urls")]


@pytest.fixture
def admin(db):
    client = Client()
    person = add_person("admin", "Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def post(admin):
    def send(path, body=None, **headers):
        return admin.post(
            f"/api/v1/webhooks/{path}", json.dumps(body or {}), content_type="application/json", headers=headers
        )

    return send


def test_one_is_made_and_its_secret_is_told_once(post, admin, receiver, listed):
    url, _ = receiver()
    body, key = {"name": "chat", "url": url, "events": ["incident.*"]}, {"Idempotency-Key": "k1"}

    first, again = post("", body, **key), post("", body, **key)

    assert (first.status_code, again.status_code) == (201, 201)
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert again.json() == first.json() | {"secret": None}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first.json()["created_at"])
    assert Webhook.objects.count() == 1
    assert secret not in json.dumps(Receipt.objects.get().body)
    assert secret not in admin.get("/api/v1/webhooks/").content.decode()


def test_it_is_paused_resumed_rotated_tried_looked_at_and_removed(post, admin, told, happen):
    told.by(events=("incident.*",))
    happen()
    send_webhooks()

    (row,) = admin.get("/api/v1/webhooks/chat/deliveries/").json()["results"]
    assert (row["type"], row["status"], row["is_delivered"]) == ("countersign.incident.opened", 204, True)
    assert post("chat/pauses/").json()["state"] == "paused"
    assert post("chat/pauses/").status_code == 409
    assert post("chat/resumptions/", {"skip": "all"}).json()["state"] == "active"
    assert post("chat/rotations/").json()["previous_secret_until"]
    assert post("chat/tests/").json()["status"] == 204
    assert admin.get("/api/v1/webhooks/chat/").json()["name"] == "chat"
    assert admin.delete("/api/v1/webhooks/chat/").status_code == 204
    assert admin.get("/api/v1/webhooks/chat/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a\r\nb"}, {"name": 7, "url": []}, {"url": "http://169.254.169.254/"}, {"url": "x\r\nHost: y"},
        {"events": ["incidents.*"]}, {"events": []}, {"events": "incident.*"}, {"events": [{}]}, {"name": "\x00"},
    ],
)  # fmt: skip
def test_bad_input_is_a_problem_and_makes_nothing(post, wrong):
    answer = post("", {"name": "chat", "url": "https://192.0.2.1/", "events": ["*"]} | wrong)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Webhook.objects.exists()


def test_a_token_of_sources_opens_nothing_here(admin, told):
    told.by()
    for scope, read, write in (("sources:write", 403, 403), ("webhooks:read", 200, 403), ("webhooks:write", 200, 201)):
        client = Client(headers={"authorization": f"Bearer {add_token('admin', [scope], actor=SYSTEM)}"})
        assert client.get("/api/v1/webhooks/").status_code == read
        assert client.post("/api/v1/webhooks/chat/pauses/").status_code == write
