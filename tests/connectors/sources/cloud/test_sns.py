import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from connectors.sources.cloud import sns

NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "m-1",
    "TopicArn": "arn:aws:sns:eu-central-1:111122223333:oncall",
    "Subject": "Größe",
    "Message": '{"AlarmName": "x"}',
    "Timestamp": "2026-03-01T12:00:00.000Z",
    "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
}
CONFIRMATION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "m-2",
    "Token": "t",
    "TopicArn": "arn:aws:sns:eu-central-1:111122223333:oncall",
    "Message": "You have chosen to subscribe.",
    "SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
    "Timestamp": "2026-03-01T12:00:00.000Z",
}
GOOD = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(start).not_valid_after(start + timedelta(days=365))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key):
    return certificate(key)


def signed(message, key, version):
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = key.sign(sns.string_to_sign(message).encode(), padding.PKCS1v15(), algorithm)
    return message | {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


def test_the_signed_text_of_a_notification_names_each_field_in_order():
    assert sns.string_to_sign(NOTIFICATION) == (
        'Message\n{"AlarmName": "x"}\nMessageId\nm-1\nSubject\nGröße\nTimestamp\n2026-03-01T12:00:00.000Z\n'
        "TopicArn\narn:aws:sns:eu-central-1:111122223333:oncall\nType\nNotification\n"
    )


def test_a_notification_without_a_subject_is_signed_without_one():
    without = {name: value for name, value in NOTIFICATION.items() if name != "Subject"}

    assert "Subject" not in sns.string_to_sign(without)
    assert sns.string_to_sign(without | {"Subject": None}) == sns.string_to_sign(without)


def test_confirmations_sign_their_token_and_address():
    for kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        told = sns.string_to_sign(CONFIRMATION | {"Type": kind, "Subject": "not signed"})
        names = told.split("\n")[::2][:-1]
        assert names == ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


@pytest.mark.parametrize("message", [{}, {"Type": "Other"}, {"Type": ["Notification"]}, CONFIRMATION | {"Token": 7}])
def test_what_is_no_message_has_no_signed_text_and_no_right_signature(message, pem):
    assert sns.string_to_sign(message) is None
    assert not sns.verify(message | {"SignatureVersion": "2", "Signature": "YQ=="}, pem)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("message", [NOTIFICATION, CONFIRMATION], ids=["notification", "confirmation"])
def test_a_right_signature_is_right_and_a_changed_message_is_not(message, version, key, pem):
    sent = signed(message, key, version)

    assert sns.verify(sent, pem)
    for name in sns.SIGNED[message["Type"]]:
        assert not sns.verify(sent | {name: sent[name] + " "}, pem), name
    assert sns.verify(sent | {"UnsubscribeURL": "https://elsewhere.example"}, pem)


def test_the_version_decides_the_algorithm(key, pem):
    assert not sns.verify(signed(NOTIFICATION, key, "1") | {"SignatureVersion": "2"}, pem)
    for version in ("3", "", None, 1, []):
        assert not sns.verify(signed(NOTIFICATION, key, "2") | {"SignatureVersion": version}, pem)


def test_another_certificate_key_or_signature_is_wrong(key, pem):
    sent = signed(NOTIFICATION, key, "2")

    assert not sns.verify(sent, certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    assert not sns.verify(sent, certificate(ec.generate_private_key(ec.SECP256R1())))
    assert not sns.verify(sent, b"no certificate")
    for signature in ("", None, "!", 7, "YQ=="):
        assert not sns.verify(sent | {"Signature": signature}, pem)


@pytest.mark.parametrize(
    "url",
    [
        GOOD,
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem",
    ],
)
def test_certificates_of_sns_may_be_fetched(url):
    assert sns.certificate_url_ok(url)


@pytest.mark.parametrize(
    "url",
    [
        GOOD.replace("https", "http"),
        GOOD.replace("amazonaws.com", "amazonaws.com.evil.example"),
        GOOD.replace("sns.", "evil.example/sns."),
        GOOD.replace("https://", "https://user@"),
        GOOD.replace(".com/", ".com:8443/"),
        GOOD.replace("eu-central-1.", ""),
        GOOD.replace("sns.eu-central-1", "bucket.s3.eu-central-1"),
        GOOD.replace("/Simple", "/a/../Simple"),
        GOOD.replace("Simple", "Other"),
        GOOD.replace(".com/", ".com.cn.evil/"),
        GOOD + "?x=1",
        GOOD + "?",
        GOOD + "#",
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("sns", "ѕns"),
        "https://[",
        "",
        None,
        7,
    ],
)
def test_nothing_else_may_be_fetched_as_a_certificate(url):
    assert not sns.certificate_url_ok(url)
