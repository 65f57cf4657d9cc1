import hashlib
import importlib.util
import json
import logging
from pathlib import Path

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from connectors.intake import backlog
from connectors.models import Delivery, Source

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]

spec = importlib.util.spec_from_file_location("nasty_bodies", Path(__file__).with_name("test_strict_json.py"))
nasty_bodies = importlib.util.module_from_spec(spec)
spec.loader.exec_module(nasty_bodies)
NASTY = nasty_bodies.NASTY


@pytest.fixture
def post(client, endpoint):
    def send(body, content_type="application/json", path=None, **headers):
        to = path or f"/hooks/alertmanager/{endpoint.token}"
        return client.generic("POST", to, body, content_type=content_type, headers=headers, CONTENT_TYPE=content_type)

    return send


def is_problem(response, status):
    told = json.loads(response.content)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert told["status"] == status
    assert told["detail"]
    return told


def test_a_delivery_is_kept_byte_by_byte_before_the_202(post, group, endpoint):
    body = group("checkout")

    response = post(body)

    kept = Delivery.objects.get()
    assert response.status_code == 202
    assert response.json() == {"delivery_id": kept.uid}
    assert (bytes(kept.body), kept.sha256, kept.state) == (body, hashlib.sha256(body).hexdigest(), "WAITING")
    assert kept.source == endpoint.source


@pytest.mark.parametrize(("body", "says"), NASTY.values(), ids=NASTY.keys())
def test_a_nasty_body_gets_a_400_that_says_why_and_leaves_nothing(post, body, says):
    told = is_problem(post(body), 400)

    assert says in told["detail"]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json; charset*=utf-7''x",
        "text/json",
    ],
)
def test_only_json_in_utf_8_is_taken(post, group, content_type):
    is_problem(post(group("checkout"), content_type=content_type), 415)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["application/json", 'application/json; charset="UTF-8"', "application/cloudevents+json"]
)
def test_json_under_its_other_names_is_taken(post, group, content_type):
    assert post(group("checkout"), content_type=content_type).status_code == 202


def test_a_compressed_body_is_refused(post, group):
    is_problem(post(group("checkout"), **{"content-encoding": "gzip"}), 415)


@pytest.mark.parametrize("path", ["/hooks/alertmanager/guess", "/hooks/zabbix/{token}", "/hooks/alertmanager/%00%ff"])
def test_a_wrong_address_is_a_401_and_never_says_what_is_wrong_with_it(post, group, endpoint, path):
    told = is_problem(post(group("checkout"), path=path.format(token=endpoint.token)), 401)

    assert "No active source" in told["detail"]


def test_a_source_that_is_switched_off_is_unknown(post, group, endpoint):
    Source.objects.update(is_active=False)

    is_problem(post(group("checkout")), 401)


def test_only_post_is_taken(client, endpoint):
    response = client.get(f"/hooks/alertmanager/{endpoint.token}")

    is_problem(response, 405)
    assert response.headers["Allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("more", [1, 10_000])
def test_more_bytes_than_are_taken_are_a_413(post, settings, more):
    settings.INTAKE_MAX_BYTES = 1000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1001

    is_problem(post(b'["' + b"x" * (996 + more) + b'"]'), 413)
    assert post(b'["' + b"x" * 996 + b'"]').status_code == 202


def test_a_full_inbox_says_come_again(post, group, settings):
    settings.INTAKE_MAX_WAITING = 3
    codes = [post(group("checkout")).status_code for _ in range(5)]

    last = post(group("checkout"))

    assert codes == [202, 202, 202, 503, 503]
    assert int(last.headers["Retry-After"]) > 0
    is_problem(last, 503)
    Delivery.objects.update(state="DONE")
    backlog.forget()
    assert post(group("checkout")).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_matter(post, group, monkeypatch):
    def down(*_args, **_kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("core.doorbell.current_app.send_task", down)

    assert post(group("checkout")).status_code == 202
    assert Delivery.objects.filter(state="WAITING").count() == 1


def test_the_wake_up_is_sent_after_the_commit(post, group, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("core.doorbell.current_app.send_task", lambda name, **_: rung.append(name))

    with django_capture_on_commit_callbacks(execute=True):
        post(group("checkout"))
        assert rung == []
    assert "connectors.drain" in rung


def test_there_is_no_202_without_a_commit(post, group, monkeypatch, client):
    from connectors.intake import door

    def interrupted(*_args, **_kwargs):
        with transaction.atomic():
            raise ConnectionResetError

    monkeypatch.setattr(door, "accept_all", interrupted)

    client.raise_request_exception = False
    assert post(group("checkout")).status_code == 500


def test_the_token_reaches_no_log(post, group, endpoint, caplog):
    with caplog.at_level(logging.DEBUG):
        post(b"{")
        post(b"{", path="/hooks/other/" + endpoint.token)
        post(group("checkout"))

    said = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert endpoint.token not in said


def test_only_known_headers_are_kept(post, group):
    post(
        group("checkout"),
        authorization="Bearer secret-of-the-proxy",
        cookie="session=1",
        **{"user-agent": "Alertmanager/0.27"},
    )

    assert set(Delivery.objects.get().headers) == {"content-type", "user-agent"}


def test_a_crash_is_logged_without_the_token(post, group, client, endpoint, monkeypatch, capsys):
    import structlog
    from django.conf import settings

    from connectors.intake import door

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError

    handler = logging.StreamHandler()
    named = settings.LOGGING["formatters"]["json"]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**{k: v for k, v in named.items() if k != "()"}))
    handler.addFilter(importlib.import_module("console.logs").MaskTokens())
    logging.getLogger("django.request").addHandler(handler)
    monkeypatch.setattr(door, "accept_all", crash)
    client.raise_request_exception = False
    try:
        assert post(group("checkout")).status_code == 500
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "[masked]" in said
    assert endpoint.token not in said
