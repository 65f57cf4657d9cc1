"""Messages of SNS, signed by a stand-in for Amazon: each attack is tried, and nothing is ever fetched blindly."""

import base64
import importlib.util
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors import http
from connectors.intake import sns_door
from connectors.models import Delivery, Source
from connectors.services.add_source import add_source
from connectors.services.confirm_topic import confirm_topic
from connectors.services.drain import drain
from connectors.services.replay import replay_dead
from core import clock
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import NotPermittedError
from incidents.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]

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


@pytest.fixture(scope="module")
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
def made():
    return add_source("aws", "AWS", actor=SYSTEM)


@pytest.fixture
def post(client, made):
    def send(message, content_type=TEXT):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return client.generic("POST", f"/hooks/aws/{made.token}", body, content_type=content_type)

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


def is_refused(answer, code, status=401):
    assert answer.status_code == status
    assert json.loads(answer.content)["type"] == f"urn:countersign:problem:{code}"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_message_of_a_confirmed_topic_becomes_an_alert(post, signed, amazon, version):
    Source.objects.update(topics=[TOPIC])

    assert post(signed(version=version)).status_code == 202
    drain(actor=INTAKE)

    assert Delivery.objects.get().verdict == "sns"
    assert Alert.objects.get().status == "firing"


def test_the_signature_is_over_the_text_as_it_came_and_not_as_it_is_stored(post, signed, amazon):
    odd = json.dumps(ALARM | {"AlarmName": "e\u0301\u0000"}, ensure_ascii=False)

    assert post(signed(Message=odd)).status_code == 202


@pytest.mark.parametrize(
    "change",
    [
        {"Message": '{"AlarmName": "other"}'},
        {"TopicArn": "arn:aws:sns:eu-central-1:111122223333:other"},
        {"Timestamp": "2026-03-01T12:00:01.000Z"},
        {"MessageId": "m-2"},
        {"Subject": "added"},
        {"Signature": ""},
        {"Signature": "!!"},
        {"Signature": None},
        {"Signature": base64.b64encode(b"x" * 256).decode()},
        {"SignatureVersion": "3"},
        {"SignatureVersion": 2},
        {"Message": None},
        {"Type": "UnsubscribeConfirmation"},
    ],
)
def test_a_changed_message_is_refused(post, signed, amazon, change):
    is_refused(post(signed() | change), "bad-signature")


def test_a_message_signed_by_somebody_else_is_refused(post, signed, amazon):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    is_refused(post(signed(key=other)), "bad-signature")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/SimpleNotificationService-0123.pem",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-1.amazonaws.com/../x/SimpleNotificationService-0123.pem",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "",
        None,
        ["https://x"],
    ],
)
def test_a_certificate_is_fetched_from_amazon_alone(post, signed, amazon, url):
    is_refused(post(signed(SigningCertURL=url)), "bad-signature")
    assert amazon.asked == []


@pytest.mark.parametrize(
    "at",
    ["2026-03-01T10:59:00.000Z", "2026-03-01T12:16:00Z", "2026-03-01T12:00:00", "yesterday", "", None, 7, "9" * 400],
)
def test_an_old_message_sent_again_is_refused_before_anything_is_fetched(post, signed, amazon, at):
    message = signed() | {"Timestamp": at}

    is_refused(post(message), "stale-message")
    assert amazon.asked == []


def test_a_certificate_is_fetched_once(post, signed, amazon):
    for number in range(5):
        assert post(signed(MessageId=str(number))).status_code == 202

    assert amazon.asked == [signing.GOOD]


@pytest.mark.parametrize("when", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)])
def test_a_certificate_outside_its_dates_is_refused(post, signed, amazon, when, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: when)

    is_refused(post(signed(Timestamp=when.isoformat())), "bad-signature")


def test_a_certificate_that_cannot_be_had_now_makes_the_sender_come_again(post, signed, amazon):
    amazon.status = 0
    answer = post(signed())
    is_refused(answer, "certificate-unreachable", 503)
    assert int(answer.headers["Retry-After"]) > 0

    amazon.status = 200
    assert post(signed()).status_code == 202


@pytest.mark.parametrize(("status", "pem"), [(404, b""), (302, b""), (200, b"<html>"), (200, b"")])
def test_what_is_no_certificate_is_refused_and_not_fetched_each_time(post, signed, amazon, status, pem):
    amazon.status, amazon.pem = status, pem

    for _ in range(3):
        is_refused(post(signed()), "bad-signature")
    assert len(amazon.asked) == 1


def test_who_knows_the_address_cannot_make_us_fetch_all_day(post, signed, amazon):
    amazon.status = 404
    codes = [
        post(signed(SigningCertURL=f"{HOST}/SimpleNotificationService-{number}.pem")).status_code
        for number in range(25)
    ]

    assert len(amazon.asked) == 20
    assert codes == [401] * 20 + [503] * 5


def test_a_topic_that_nobody_confirmed_is_a_dead_letter_that_says_so_and_is_read_once_it_is(post, signed, amazon, made):
    post(signed())
    drain(actor=INTAKE)
    sent = Delivery.objects.get()
    assert sent.state == "DEAD"
    assert "source confirm" in sent.error

    confirm_topic("aws", TOPIC, actor=SYSTEM)
    replay_dead("aws", actor=SYSTEM)
    drain(actor=INTAKE)

    assert Alert.objects.count() == 1
    assert not any("Confirm" in url for url in amazon.asked)


def test_an_unsigned_alarm_is_not_believed_where_topics_are_confirmed(post, amazon, made):
    Source.objects.update(topics=[TOPIC])
    bare = ALARM
    lambda_record = {"Records": [{"Sns": {"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(ALARM)}}]}

    for body in (bare, lambda_record, [bare]):
        assert post(body, "application/json").status_code == 202
    drain(actor=INTAKE)

    assert set(Delivery.objects.values_list("state", flat=True)) == {"DEAD"}
    assert not Alert.objects.exists()


def test_an_envelope_without_a_signature_is_refused_whatever_it_wraps(post, amazon):
    is_refused(post({"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(ALARM)}), "stale-message")


def test_a_subscription_is_confirmed_by_a_person_and_by_nobody_else(post, signed, amazon, made):
    assert post(signed("SubscriptionConfirmation")).status_code == 202
    drain(actor=INTAKE)
    assert amazon.asked == [signing.GOOD]
    assert Delivery.objects.get().state == "IGNORED"
    with pytest.raises(NotPermittedError):
        confirm_topic("aws", TOPIC, actor=Actor(id="person:1", roles=frozenset({"operator"})))

    said = io.StringIO()
    call_command("source", "confirm", "aws", TOPIC, stdout=said)

    asked = urlsplit(amazon.asked[1])
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{HOST}/"
    assert dict(parse_qsl(asked.query)) == {"Action": "ConfirmSubscription", "TopicArn": TOPIC, "Token": "t0k"}
    assert Source.objects.get().topics == [TOPIC]
    assert TOPIC in said.getvalue()
    assert Entry.objects.filter(verb="source.topic_confirmed").count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/?Action=ConfirmSubscription",
        "https://evil.example/?Action=ConfirmSubscription",
        f"{HOST}/?Action=DeleteTopic&TopicArn={TOPIC}&Token=t0k",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn:other&Token=t0k",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k&X=1",
        f"{HOST}/x?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k",
        "not a url",
    ],
)
def test_no_other_address_is_fetched_to_confirm(post, signed, amazon, made, url):
    post(signed("SubscriptionConfirmation", SubscribeURL=url))
    before = len(amazon.asked)

    with pytest.raises(CommandError, match="Nothing was fetched"):
        call_command("source", "confirm", "aws", TOPIC)

    assert len(amazon.asked) == before
    assert Source.objects.get().topics == []


def test_a_topic_of_a_stranger_is_not_confirmed_with_ours(post, signed, amazon, made):
    stranger = "arn:aws:sns:eu-central-1:999999999999:evil"
    post(signed("SubscriptionConfirmation", TopicArn=stranger))
    drain(actor=INTAKE)

    with pytest.raises(CommandError, match="Nothing signed"):
        call_command("source", "confirm", "aws", TOPIC)
    assert Source.objects.get().topics == []


def test_what_amazon_declines_is_not_bound(post, signed, amazon, made):
    post(signed("SubscriptionConfirmation"))
    amazon.status = 403

    with pytest.raises(CommandError, match="403"):
        call_command("source", "confirm", "aws", TOPIC)
    assert Source.objects.get().topics == []


def test_other_kinds_have_no_topics(endpoint):
    for slug in ("shop", "nowhere"):
        with pytest.raises(CommandError):
            call_command("source", "confirm", slug, TOPIC)


def test_a_clock_that_is_a_little_off_does_no_harm(post, signed, amazon):
    ahead = (NOW + timedelta(minutes=4)).isoformat()

    assert post(signed(Timestamp=ahead)).status_code == 202
