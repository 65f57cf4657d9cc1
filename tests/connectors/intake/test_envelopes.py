"""What is taken besides plain JSON, from the door to the adapter."""

import json
from urllib.parse import urlencode

import pytest

from connectors.base import Outcome, Parsed
from connectors.intake.envelopes import unwrap
from connectors.models import Delivery
from connectors.registry import ALERT_SOURCES
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from core.actors import INTAKE, SYSTEM
from core.errors import BadInputError
from incidents.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]

FORM = "application/x-www-form-urlencoded"
LINES = {"saved_search": {"id": 7, "name": "Errors"}, "counts": [{"source_name": "web", "timeseries": {"1": 2}}]}


@pytest.fixture
def post(client):
    def send(kind, body, content_type, **headers):
        token = add_source(kind, kind, actor=SYSTEM).token
        return client.generic("POST", f"/hooks/{kind}/{token}", body, content_type=content_type, headers=headers)

    return send


@pytest.mark.parametrize(
    ("body", "inner"),
    [
        (b"payload=%7B%22a%22%3A1%7D", b'{"a":1}'),
        (b"other=x&payload=[1]", b"[1]"),
        (b'anything={"a":"b+c"}', b'{"a":"b c"}'),
        (b'{"a":1}', b'{"a":1}'),
        (b"alertType=1&monitorID=7", b'{"alertType": "1", "monitorID": "7"}'),
        (b"payload=not+json", b"not json"),
        (b"a=%E9%9B%AA", b'{"a": "\\u96ea"}'),
    ],
)
def test_a_form_gives_its_payload_or_its_one_json_or_all_its_fields(body, inner):
    assert unwrap(body, FORM) == inner


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"payload=1&payload=2", "'payload' twice"),
        (b"a=%ff", "not UTF-8"),
        (b"\xff=1", "not UTF-8"),
        (b"&".join(b"a%d=1" % number for number in range(101)), "more than 100"),
        (b"", "empty"),
        (b"&&&", "empty"),
    ],
)
def test_a_form_that_can_be_read_two_ways_is_refused(body, says):
    with pytest.raises(BadInputError) as refused:
        unwrap(body, FORM)

    assert says in refused.value.detail


@pytest.mark.parametrize(("kind", "content_type"), [("papertrail", FORM), ("generic", f"{FORM}; charset=utf-8")])
def test_a_form_is_kept_as_it_came_and_read_by_its_field(post, kind, content_type):
    told = LINES if kind == "papertrail" else {"title": "Disk full", "status": "firing"}
    body = urlencode({"payload": json.dumps(told)}).encode()

    answer = post(kind, body, content_type)
    drain(actor=INTAKE)

    kept = Delivery.objects.get()
    assert answer.status_code == 202
    assert (bytes(kept.body), kept.state) == (body, "DONE")
    assert Alert.objects.exists()


@pytest.mark.parametrize("content_type", [FORM, "text/plain", "text/plain; charset=utf-8", "multipart/form-data"])
def test_a_kind_that_never_sends_it_is_not_sent_it(post, content_type):
    answer = post("alertmanager", b"payload={}", content_type)

    assert answer.status_code == 415
    assert json.loads(answer.content)["type"] == "urn:countersign:problem:unsupported-media"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["text/plain; charset=utf-16", "text/plain; charset=utf-7", f"{FORM}; charset=latin-1"]
)
def test_another_charset_is_refused_whatever_the_type(post, content_type):
    assert post("generic", b"{}", content_type).status_code == 415


def test_text_is_read_as_json_where_the_sender_is_known_for_it(post):
    alarm = {"dedupeKey": "k", "type": "OK_TO_FIRING", "title": "CPU", "severity": "CRITICAL"}

    assert post("oci", json.dumps(alarm), "text/plain").status_code == 202
    drain(actor=INTAKE)
    assert Alert.objects.get().title == "CPU"


def test_headers_reach_the_adapter_in_lower_case_and_others_are_dropped(post, monkeypatch):
    seen = {}
    adapter = ALERT_SOURCES["oci"]

    def parse(delivery):
        seen.update(delivery.headers)
        return Parsed(outcome=Outcome.IGNORED)

    monkeypatch.setattr(adapter, "parse", parse)
    post(
        "oci",
        "{}",
        "application/json",
        **{
            "X-OCI-NS-MessageType": "SubscriptionConfirmation",
            "X-Amz-Sns-Topic-Arn": "arn:x",
            "Ce-Type": "a.b\x7f",
            "Authorization": "Bearer secret",
            "Cookie": "a=b",
            "X-Hub-Signature": "x",
        },
    )
    drain(actor=INTAKE)

    assert seen == {
        "content-type": "application/json",
        "x-oci-ns-messagetype": "SubscriptionConfirmation",
        "x-amz-sns-topic-arn": "arn:x",
        "ce-type": "a.b ",
    }


def test_a_cloud_event_in_binary_mode_is_read_from_its_headers(post):
    answer = post(
        "cloudevents",
        '{"title": "Disk full", "status": "firing"}',
        "application/json",
        **{
            "ce-specversion": "1.0",
            "ce-type": "com.example.alert.fired",
            "ce-source": "/disks",
            "ce-id": "1",
            "ce-subject": "Euro%20%E2%82%AC%00",
        },
    )
    drain(actor=INTAKE)

    assert answer.status_code == 202
    assert Alert.objects.get().title == "Disk full"


def test_a_batch_of_cloud_events_is_taken(post):
    event = {"specversion": "1.0", "type": "alert.fired", "source": "/x", "id": "1", "data": {"status": "firing"}}

    answer = post("cloudevents", json.dumps([event]), "application/cloudevents-batch+json; charset=UTF-8")
    drain(actor=INTAKE)

    assert answer.status_code == 202
    assert Alert.objects.count() == 1


def test_many_attributes_do_not_crowd_out_the_content_type(post):
    crowd = {f"ce-a{number}": "x" for number in range(60)}

    post("generic", b'payload={"title":"x"}', FORM, **crowd)

    kept = Delivery.objects.get().headers
    assert kept["content-type"] == FORM
    assert len(kept) == 41
