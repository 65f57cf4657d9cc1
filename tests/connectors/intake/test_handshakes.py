import json

import pytest

from connectors.models import Delivery
from connectors.services.add_source import add_source
from core.actors import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]


@pytest.fixture
def azure():
    return f"/hooks/azure/{add_source('azure', 'Azure', actor=SYSTEM).token}"


def asked(kind, code):
    return [{"id": "1", "eventType": f"Microsoft.EventGrid.{kind}", "data": {"validationCode": code}}]


def test_event_grid_gets_its_code_back_at_once(client, azure):
    body = asked("SubscriptionValidationEvent", "512d38b6")

    answer = client.post(azure, body, content_type="application/json")

    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "512d38b6"})
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("code", ["", None, ["a"], 7])
def test_a_validation_without_a_code_is_an_ordinary_delivery(client, azure, code):
    answer = client.post(azure, asked("SubscriptionValidationEvent", code), content_type="application/json")

    assert answer.status_code in {200, 202}
    assert set(answer.json()) <= {"delivery_id", "validationResponse"}


def test_nobody_else_is_answered_with_what_they_said(client, azure, endpoint):
    other = client.post(azure, asked("SubscriptionDeletedEvent", "echo"), content_type="application/json")
    stranger = client.post(
        f"/hooks/alertmanager/{endpoint.token}",
        asked("SubscriptionValidationEvent", "echo"),
        content_type="application/json",
    )

    for answer in (other, stranger):
        assert answer.status_code == 202
        assert b"echo" not in answer.content


def test_what_is_sent_back_is_bounded_and_no_markup(client, azure):
    answer = client.post(
        azure, asked("SubscriptionValidationEvent", "<script>" + "x" * 5000), content_type="application/json"
    )

    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.content) < 400


def test_an_origin_that_asks_first_is_allowed_at_the_rate_it_names(client, endpoint):
    answer = client.options(
        f"/hooks/alertmanager/{endpoint.token}",
        headers={"WebHook-Request-Origin": "eventemitter.example.com", "WebHook-Request-Rate": "120"},
    )

    assert answer.status_code == 200
    assert answer.headers["WebHook-Allowed-Origin"] == "eventemitter.example.com"
    assert answer.headers["WebHook-Allowed-Rate"] == "120"
    assert not Delivery.objects.exists()


def test_a_callback_is_never_called_and_a_strange_rate_not_repeated(client, endpoint, monkeypatch):
    monkeypatch.setattr("connectors.http.send", lambda *_, **__: pytest.fail("called"))
    answer = client.options(
        f"/hooks/alertmanager/{endpoint.token}",
        headers={
            "WebHook-Request-Origin": "a.example",
            "WebHook-Request-Callback": "http://169.254.169.254/",
            "WebHook-Request-Rate": "1, x",
        },
    )

    assert answer.headers["WebHook-Allowed-Rate"] == "*"


@pytest.mark.parametrize("origin", ["", "a b", "a\u0000", "<x>", "x" * 300, "a,b", "*"])
def test_an_origin_that_is_no_host_is_refused(client, endpoint, origin):
    answer = client.options(f"/hooks/alertmanager/{endpoint.token}", headers={"WebHook-Request-Origin": origin})

    assert answer.status_code == 400
    assert json.loads(answer.content)["type"] == "urn:countersign:problem:bad-input"


def test_who_does_not_know_the_address_is_not_answered(client):
    answer = client.options("/hooks/alertmanager/guess", headers={"WebHook-Request-Origin": "a.example"})

    assert answer.status_code == 401
    assert "WebHook-Allowed-Origin" not in answer.headers
