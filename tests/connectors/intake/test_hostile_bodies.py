"""A hundred and fifty nasty bodies and more: none breaks the door, is taken by halves, or becomes more than text."""

import hashlib
import importlib.util
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from connectors.intake import asgi
from connectors.intake.asgi import limit_body
from connectors.models import Delivery
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from incidents.models import Alert, Incident
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db

spec = importlib.util.spec_from_file_location("hostile_bodies", Path(__file__).with_name("hostile.py"))
hostile = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hostile)
BODIES = hostile.BODIES
KINDS = ("alertmanager", "aws", "cloudevents", "datadog", "pagerduty", "servicenow", "zabbix")
CODES = {400: "bad-input", 413: "too-large", 415: "unsupported-media"}
LARGEST = 30_000_000


@pytest.fixture
def made():
    return add_source("generic", "Generic", actor=SYSTEM)


@pytest.fixture
def post(client, made):
    def send(body, content_type="application/json"):
        client.raise_request_exception = False
        return client.generic("POST", f"/hooks/generic/{made.token}", body, content_type, CONTENT_TYPE=content_type)

    return send


def accepted():
    """Those that are taken; 5,000 new alerts at once are a matter of storms and not of nastiness."""
    return {name: body for name, (body, status) in BODIES.items() if status == 202 and name != "5,001 alerts"}


def test_there_are_enough_of_them():
    assert len(BODIES) >= 150


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES.keys())
def test_each_body_is_kept_whole_or_refused_with_a_reason(post, body, status):
    answer = post(body)

    assert answer.status_code == status
    if status == 202:
        kept = Delivery.objects.get()
        assert bytes(kept.body) == body
        assert kept.sha256 == hashlib.sha256(body).hexdigest()
        assert answer.json() == {"delivery_id": kept.uid}
        return
    told = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["type"] == f"urn:countersign:problem:{CODES[status]}"
    assert told["status"] == status
    assert told["detail"].endswith(".")
    assert len(answer.content) < 1000
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "application/xml",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=",
        "multipart/form-data; boundary=x",
        "application/" + "x" * 5000,
        "application/json, text/html",
        "+json",
    ],
)
def test_no_media_type_breaks_the_door(post, content_type):
    answer = post(b"{}", content_type)

    assert answer.status_code in {202, 415}
    assert len(answer.content) < 1000


def test_what_was_taken_is_read_by_every_kind_of_adapter_and_none_is_lost(db):
    sent = 0
    for kind in KINDS:
        source = add_source(kind, kind, actor=SYSTEM).source
        for body in accepted().values():
            accept(source, body, headers={"content-type": "application/json"})
            sent += 1

    drain(actor=INTAKE)

    states = dict.fromkeys(("DONE", "IGNORED", "DEAD"), 0)
    for state, error in Delivery.objects.values_list("state", "error"):
        states[state] += 1
        assert not re.search(r"Error:|Given up", error)
        assert (state == "DEAD") == bool(error)
    assert sum(states.values()) == sent


def test_our_own_adapter_reads_them_into_bounded_text(made, db):
    for body in accepted().values():
        accept(made.source, body, headers={"content-type": "application/json"})

    drain(actor=INTAKE)

    assert not Delivery.objects.filter(state="WAITING").exists()
    for alert in Alert.objects.all():
        assert 0 < len(alert.title) <= 300
        assert len(alert.description) <= 10_000
        assert len(alert.labels) <= 64
        assert all(link["url"].startswith(("http://", "https://")) for link in alert.links)
        assert "\x00" not in json.dumps(alert.labels) + alert.title + alert.description


MARKUP = ("<script>alert", "<img src=x", "<svg/onload", '" autofocus onfocus', 'href="javascript:', "href='javascript:")


@pytest.mark.urls("console.urls")
def test_what_is_stored_is_shown_as_text(made):
    for name, (body, status) in BODIES.items():
        if name.startswith(("text ", "link ")) and status == 202:
            accept(made.source, body, headers={"content-type": "application/json", "user-agent": "<script>alert(1)"})
    accept(made.source, b'["<script>alert(1)</script>"]', headers={})
    drain(actor=INTAKE)
    client = Client()
    person = add_person("ada", "Ada", ["operator"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    incidents = [f"/incidents/{pk}/" for pk in Incident.objects.values_list("pk", flat=True)]
    pages = ["/", "/audit/", "/sources/", "/sources/generic/", *incidents[:30]]

    for page in pages:
        answer = client.get(page)
        shown = answer.content.decode()
        assert answer.status_code == 200, page
        assert [mark for mark in MARKUP if mark in shown] == [], page
        assert "Set-Cookie" not in answer.headers.get("X-Anything", "")
        assert not any("\r" in value or "\n" in value for value in answer.headers.values())
    for path in ("/api/v1/alerts/", "/api/v1/incidents/", "/api/v1/deliveries/"):
        answer = client.get(path)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class Sender:
    """Sends so many bytes in pieces, and counts those that were taken off it."""

    def __init__(self, size, announced=None, piece=100_000):
        self.left, self.piece, self.taken, self.answer, self.reached = size, piece, 0, [], False
        headers = [(b"content-length", str(announced).encode())] if announced is not None else []
        self.scope = {"type": "http", "path": "/hooks/generic/x", "headers": headers}

    async def receive(self):
        size = min(self.piece, self.left)
        self.left -= size
        self.taken += size
        return {"type": "http.request", "body": b"x" * size, "more_body": self.left > 0}

    async def send(self, message):
        self.answer.append(message)

    async def app(self, *_args):
        self.reached = True

    async def run(self):
        await limit_body(self.app)(self.scope, self.receive, self.send)
        return self


@pytest.mark.parametrize("announced", [LARGEST, None, 10, 0])
async def test_thirty_megabytes_are_refused_below_django_and_never_held(announced, settings):
    sender = await Sender(LARGEST, announced).run()

    assert sender.answer[0]["status"] == 413
    assert json.loads(sender.answer[1]["body"])["type"] == "urn:countersign:problem:too-large"
    assert not sender.reached
    assert sender.taken <= settings.INTAKE_MAX_BYTES * (asgi.HEARD_OUT + 1) + 2 * sender.piece


async def test_a_sender_that_waits_for_leave_sends_nothing():
    sender = Sender(LARGEST, LARGEST)
    sender.scope["headers"].append((b"expect", b"100-continue"))

    await sender.run()

    assert (sender.taken, sender.answer[0]["status"]) == (0, 413)
