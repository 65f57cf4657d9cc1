"""A stand-in for Amazon: its keys, its certificate, and what it was asked for."""

import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors import http
from connectors.intake import sns_door
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
