"""Messages of SNS, signed by a stand-in for Amazon: each attack is tried, and nothing is ever fetched blindly."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.models import Delivery, Source
from connectors.services.drain import drain
from core import clock
from core.actors import INTAKE
from incidents.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]

NOW = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:111122223333:oncall"
ALARM = {"AlarmName": "cpu", "NewStateValue": "ALARM", "AlarmArn": "arn:aws:cloudwatch:x:alarm:cpu"}
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"


def is_refused(answer, code, status=401):
    assert answer.status_code == status
    assert json.loads(answer.content)["type"] == f"urn:countersign:problem:{code}"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_message_of_a_confirmed_topic_becomes_an_alert(post_sns, signed, amazon, version):
    Source.objects.update(topics=[TOPIC])

    assert post_sns(signed(version=version)).status_code == 202
    drain(actor=INTAKE)

    assert Delivery.objects.get().verdict == "sns"
    assert Alert.objects.get().status == "firing"


def test_the_signature_is_over_the_text_as_it_came_and_not_as_it_is_stored(post_sns, signed, amazon):
    odd = json.dumps(ALARM | {"AlarmName": "e\u0301\u0000"}, ensure_ascii=False)

    assert post_sns(signed(Message=odd)).status_code == 202


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
def test_a_changed_message_is_refused(post_sns, signed, amazon, change):
    is_refused(post_sns(signed() | change), "bad-signature")


def test_a_message_signed_by_somebody_else_is_refused(post_sns, signed, amazon):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    is_refused(post_sns(signed(key=other)), "bad-signature")


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
def test_a_certificate_is_fetched_from_amazon_alone(post_sns, signed, amazon, url):
    is_refused(post_sns(signed(SigningCertURL=url)), "bad-signature")
    assert amazon.asked == []


@pytest.mark.parametrize(
    "at",
    ["2026-03-01T10:59:00.000Z", "2026-03-01T12:16:00Z", "2026-03-01T12:00:00", "yesterday", "", None, 7, "9" * 400],
)
def test_an_old_message_sent_again_is_refused_before_anything_is_fetched(post_sns, signed, amazon, at):
    message = signed() | {"Timestamp": at}

    is_refused(post_sns(message), "stale-message")
    assert amazon.asked == []


def test_a_certificate_is_fetched_once(post_sns, signed, amazon):
    for number in range(5):
        assert post_sns(signed(MessageId=str(number))).status_code == 202

    assert amazon.asked == [CERTIFICATE]


@pytest.mark.parametrize("when", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)])
def test_a_certificate_outside_its_dates_is_refused(post_sns, signed, amazon, when, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: when)

    is_refused(post_sns(signed(Timestamp=when.isoformat())), "bad-signature")


def test_a_certificate_that_cannot_be_had_now_makes_the_sender_come_again(post_sns, signed, amazon):
    amazon.status = 0
    answer = post_sns(signed())
    is_refused(answer, "certificate-unreachable", 503)
    assert int(answer.headers["Retry-After"]) > 0

    amazon.status = 200
    assert post_sns(signed()).status_code == 202


@pytest.mark.parametrize(("status", "pem"), [(404, b""), (302, b""), (200, b"<html>"), (200, b"")])
def test_what_is_no_certificate_is_refused_and_not_fetched_each_time(post_sns, signed, amazon, status, pem):
    amazon.status, amazon.pem = status, pem

    for _ in range(3):
        is_refused(post_sns(signed()), "bad-signature")
    assert len(amazon.asked) == 1


def test_who_knows_the_address_cannot_make_us_fetch_all_day(post_sns, signed, amazon):
    amazon.status = 404
    codes = [
        post_sns(signed(SigningCertURL=f"{HOST}/SimpleNotificationService-{number}.pem")).status_code
        for number in range(25)
    ]

    assert len(amazon.asked) == 20
    assert codes == [401] * 20 + [503] * 5


def test_an_unsigned_alarm_is_not_believed_where_topics_are_confirmed(post_sns, amazon, aws):
    Source.objects.update(topics=[TOPIC])
    bare = ALARM
    lambda_record = {"Records": [{"Sns": {"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(ALARM)}}]}

    for body in (bare, lambda_record, [bare]):
        assert post_sns(body, "application/json").status_code == 202
    drain(actor=INTAKE)

    assert set(Delivery.objects.values_list("state", flat=True)) == {"DEAD"}
    assert not Alert.objects.exists()


def test_an_envelope_without_a_signature_is_refused_whatever_it_wraps(post_sns, amazon):
    is_refused(post_sns({"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(ALARM)}), "stale-message")


def test_a_clock_that_is_a_little_off_does_no_harm(post_sns, signed, amazon):
    ahead = (NOW + timedelta(minutes=4)).isoformat()

    assert post_sns(signed(Timestamp=ahead)).status_code == 202
