"""A hook whose connection has a secret takes signed bodies alone."""

import base64
import hashlib
import hmac
import json

import pytest

from connectors.intake.signed_door import key_of
from connectors.models import Delivery
from connectors.services.add_source import add_source
from connectors.services.connect import connect
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError

pytestmark = pytest.mark.django_db
KEY = b"k" * 32
BODY = json.dumps({"record": {"number": "INC1", "state": "1"}}).encode()


@pytest.fixture
def post(client):
    made = add_source("servicenow", "Snow", actor=SYSTEM)
    config = {"url": "https://snow.example", "source": made.source.slug}
    secret = {"user": "u", "password": "p", "hmac": base64.b64encode(KEY).decode()}
    connect("servicenow", "snow", "", config, secret, actor=SYSTEM)

    def send(body=BODY, **headers):
        return client.post(f"/hooks/servicenow/{made.token}", body, content_type="application/json", headers=headers)

    return send


def signed(body=BODY, key=KEY, at=None):
    at = str(int(clock.timestamp()) if at is None else at)
    mac = hmac.new(key, at.encode() + b"." + body, hashlib.sha256).digest()
    return {"X-Countersign-Timestamp": at, "X-Countersign-Signature": base64.b64encode(mac).decode()}


def test_a_signed_body_is_taken(post):
    assert post(**signed()).status_code == 202
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: signed(key=b"x" * 32),
        lambda: signed(body=b"{}"),
        lambda: signed(at=int(clock.timestamp()) - 301),
        lambda: signed(at=int(clock.timestamp()) + 301),
        lambda: signed() | {"X-Countersign-Timestamp": "9" * 40},
        lambda: signed() | {"X-Countersign-Timestamp": "now"},
        lambda: signed() | {"X-Countersign-Signature": "%%%"},
        lambda: signed() | {"X-Countersign-Signature": ""},
    ],
)
def test_another_body_key_or_time_is_refused_and_nothing_is_kept(post, headers):
    reply = post(**headers())

    assert (reply.status_code, reply["Content-Type"]) == (401, "application/problem+json")
    assert Delivery.objects.count() == 0


def test_without_a_secret_the_address_alone_counts(client):
    made = add_source("servicenow", "Plain", actor=SYSTEM)

    reply = client.post(f"/hooks/servicenow/{made.token}", BODY, content_type="application/json")

    assert reply.status_code == 202


@pytest.mark.parametrize("secret", ["", "short", base64.b64encode(b"k" * 31).decode(), "k" * 43 + "\u00e9"])
def test_a_secret_that_is_no_key_is_refused(secret):
    with pytest.raises(BadInputError):
        key_of(secret)
    with pytest.raises(BadInputError):
        connect("servicenow", "s", "", {"url": "https://snow.example"}, {"hmac": secret or "x"}, actor=SYSTEM)
