"""A stand-in for Amazon: its keys, its certificate, what it was asked for; and a letterbox with somebody who writes."""

import asyncio
import importlib.util
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connections

from connectors import http
from connectors.intake import sns_door
from connectors.intake.letterbox import Letterbox
from connectors.services.add_source import add_source
from core import clock
from core.actors import SYSTEM

spec = importlib.util.spec_from_file_location(
    "signing_of_sns", Path(__file__).parents[1] / "sources" / "cloud" / "test_sns.py"
)
signing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(signing)

NOW = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:111122223333:oncall"
ALARM = {"AlarmName": "cpu é e\u0301", "NewStateValue": "ALARM", "AlarmArn": "arn:aws:cloudwatch:x:alarm:cpu"}
TEXT = "text/plain; charset=UTF-8"
HOST = "https://sns.eu-central-1.amazonaws.com"


@pytest.fixture(scope="session")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def amazon(key, monkeypatch):
    """Amazon's side of the wire: what it answers to whom, and what it was asked for."""
    sns_door.forget()
    monkeypatch.setattr(clock, "now", lambda: NOW)

    class Amazon:
        asked, status, pem = [], 200, signing.certificate(key)

    def send(method, url, **_more):
        Amazon.asked.append(url)
        if Amazon.status == 0:
            detail = "sns does not answer."
            raise http.UnreachableError(detail)
        return http.Reply(status=Amazon.status, headers={}, body=Amazon.pem)

    Amazon.asked = []
    monkeypatch.setattr(http, "send", send)
    yield Amazon
    sns_door.forget()


@pytest.fixture
def aws(db):
    return add_source("aws", "AWS", actor=SYSTEM)


@pytest.fixture
def post_sns(client, aws):
    def send(message, content_type=TEXT):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return client.generic("POST", f"/hooks/aws/{aws.token}", body, content_type=content_type)

    return send


@pytest.fixture
def signed(key):
    def sign(kind="Notification", key=key, version="2", **more):
        message = {
            "Type": kind,
            "MessageId": "m-1",
            "TopicArn": TOPIC,
            "Message": json.dumps(ALARM, ensure_ascii=False),
            "Timestamp": "2026-03-01T12:00:00.000Z",
            "SigningCertURL": signing.GOOD,
        }
        if kind != "Notification":
            url = f"{HOST}/?Action=ConfirmSubscription&TopicArn={more.get('TopicArn', TOPIC)}&Token=t0k"
            message |= {"Token": "t0k", "SubscribeURL": url}
        return signing.signed(message | more, key, version)

    return sign


@pytest.fixture
def made(db):
    return add_source("email", "Mail", actor=SYSTEM)


@pytest.fixture
def talk(monkeypatch):
    """Run a client's part against a letterbox on loopback."""
    monkeypatch.setattr("core.doorbell._send", lambda *_: None)

    async def run(part, *, lmtp=False):
        box = Letterbox()
        speak = partial(box.protocol, lmtp=lmtp)
        server = await asyncio.get_running_loop().create_server(speak, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await aside(lambda: part(port))
        finally:
            server.close()
            while box.open:  # noqa: ASYNC110 -- until the last connection is gone
                await asyncio.sleep(0.01)

    return run


async def aside(work):
    """Ask the database in a thread, and leave no connection of the pool in it."""

    def do():
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(do)
