"""Amazon SNS: what is signed in its messages, and whether a signature is right. Pure: nothing is fetched here.

The values must be as JSON gives them, before any scrubbing: a text in another normal form has another signature.
Whoever fetches a certificate asks `certificate_url_ok` first, and whether `TopicArn` is one that he subscribed to.
"""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

VERDICT = "sns"
"""What is noted with a delivery whose signature was right."""
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": NOTIFICATION,
    "SubscriptionConfirmation": CONFIRMATION,
    "UnsubscribeConfirmation": CONFIRMATION,
}
HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?")
PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")


def string_to_sign(message: Mapping[str, Any]) -> str | None:
    """Name and value of each signed field, a line each; a Subject only if there is one. None for what is no message."""
    kind = message.get("Type")
    names = SIGNED.get(kind) if isinstance(kind, str) else None
    if names is None:
        return None
    found = [(name, message.get(name)) for name in names if name != "Subject" or message.get(name) is not None]
    lines = [f"{name}\n{value}\n" for name, value in found if isinstance(value, str)]
    return "".join(lines) if len(lines) == len(found) else None


def verify(message: Mapping[str, Any], certificate_pem: bytes) -> bool:
    """Whether a message carries a right signature, version 1 (SHA-1) or 2 (SHA-256), of the certificate's RSA key."""
    told, algorithm = string_to_sign(message), _algorithm(message.get("SignatureVersion"))
    signature, key = _signature(message.get("Signature")), _key(certificate_pem)
    if told is None or algorithm is None or key is None or not signature:
        return False
    try:
        key.verify(signature, told.encode("utf-8", "surrogatepass"), padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def certificate_url_ok(url: object) -> bool:
    """Whether it is `https://sns.<region>.amazonaws.com[.cn]/SimpleNotificationService-….pem` and nothing besides."""
    if not isinstance(url, str) or not url.isascii():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = f"https://{parts.netloc}{parts.path}"
    return plain == url and bool(HOST.fullmatch(parts.netloc)) and bool(PATH.fullmatch(parts.path))


def is_envelope(value: object) -> bool:
    """Whether it is a message of SNS, with its envelope."""
    return isinstance(value, Mapping) and isinstance(value.get("Type"), str) and value["Type"] in SIGNED


def confirmation_url(message: Mapping[str, Any]) -> str:
    """Where a SubscriptionConfirmation is confirmed, put together anew; empty where its own address is another.

    Amazon signs whatever topic anybody makes: whoever asks has seen to it that the topic is one that a person named.
    """
    url, topic, token = (message.get(name) for name in ("SubscribeURL", "TopicArn", "Token"))
    if not (isinstance(url, str) and isinstance(topic, str) and isinstance(token, str)) or not url.isascii():
        return ""
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, strict_parsing=True, max_num_fields=10))
    except ValueError:
        return ""
    wanted = {"Action": "ConfirmSubscription", "TopicArn": topic, "Token": token}
    if parts.scheme != "https" or not HOST.fullmatch(parts.netloc) or parts.path != "/" or asked != wanted:
        return ""
    return f"https://{parts.netloc}/?{urlencode(wanted)}"


def refusal(value: object, verdict: str, topics: Collection[str]) -> str:
    """Why a delivery is not read: of a topic that nobody confirmed, or unsigned where topics are; else empty."""
    if not is_envelope(value):
        return "This source takes signed messages of its topics alone, and this is none." if topics else ""
    told = value if isinstance(value, Mapping) else {}
    if verdict != VERDICT:
        return "The signature of this message was not checked when it came in."
    if told["Type"] != "Notification" or told.get("TopicArn") in topics:
        return ""
    topic = str(told.get("TopicArn"))[:300]
    return f"Nobody confirmed the topic {topic}. If it is yours: ./manage.py source confirm, then replay this."


def _algorithm(version: object) -> hashes.HashAlgorithm | None:
    if version == "1":
        return hashes.SHA1()  # noqa: S303 -- AWS's own version 1; the topic's owner chooses version 2
    return hashes.SHA256() if version == "2" else None


def _signature(value: object) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _key(certificate_pem: bytes) -> rsa.RSAPublicKey | None:
    try:
        key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    except ValueError:
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None
