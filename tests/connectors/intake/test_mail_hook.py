"""Mail at the door: kept byte by byte, or refused with a reason; whatever is posted, the fault is never ours."""

import hashlib
import json
import random
from pathlib import Path
from urllib.parse import urlencode

import pytest

from connectors.models import Delivery
from connectors.services.drain import drain
from connectors.services.replay import replay
from core.actors import INTAKE, SYSTEM
from incidents.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]
PAYLOADS = Path(__file__).parents[1] / "payloads" / "email"
MAILS = sorted(PAYLOADS.glob("*.eml"))
FORMS = sorted(PAYLOADS.glob("*.multipart"))
FORM = "application/x-www-form-urlencoded"
TOKENS = [
    *(b"\r", b"\n", b"\r\n\r\n", b"\0", b"\xff", b"\x80", b"--b", b"--b--", b"(", b")", b'"', b"<", b">", b"[", b"]"),
    *(
        b"=?",
        b"?=",
        b"=?utf-8?q?",
        b"=?utf-8?b?",
        b"=?x?y?z?=",
        b"*",
        b"*0*=",
        b"; name*=utf-8''%ff",
        b"%00",
        b"=",
        b";",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: ;\r\n",
    ),
    *(b"Content-Type: multipart/digest; boundary=\r\n", b"charset=", b"charset=utf-16", b"boundary*0*=b", b"name*"),
    *(
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*0=\r\n",
        b"From: (c):;\r\n",
    ),
    *(
        b"Date: Foo, 99 Bar 10000 99:99:99 +9999\r\n",
        b"Subject:\r\n",
        b"From \r\n",
        b"\xf0\x9f\x92\xa9",
        b"\xe2\x80\xae",
    ),
]


@pytest.fixture
def post(client, made):
    def send(body, content_type="message/rfc822"):
        return client.generic("POST", f"/hooks/email/{made.token}", body, content_type, CONTENT_TYPE=content_type)

    return send


def spoilt(body, chance):
    """A message with a few of its places cut out, doubled or replaced by what parsers stumble over."""
    told = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(told) + 1)
        match chance.randrange(3):
            case 0:
                told[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 2, 50))
            case 1:
                del told[at : at + chance.randint(1, 40)]
            case _:
                told[at:at] = told[max(0, at - chance.randint(1, 400)) : at]
    return bytes(told)


def test_a_message_is_kept_byte_by_byte_and_read(post):
    body = (PAYLOADS / "nagios_problem.eml").read_bytes()

    answer = post(body)
    drain(actor=INTAKE)

    kept, alert = Delivery.objects.get(), Alert.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {"delivery_id": kept.uid}
    assert (bytes(kept.body), kept.sha256, kept.state) == (body, hashlib.sha256(body).hexdigest(), "DONE")
    assert (alert.severity, alert.title) == ("critical", "** PROBLEM Service Alert: web-1/HTTP is CRITICAL **")


def test_a_recovery_ends_the_alert_that_the_problem_began(post):
    for name in ("nagios_problem", "nagios_recovery"):
        post((PAYLOADS / f"{name}.eml").read_bytes())
        drain(actor=INTAKE)

    assert [alert.status for alert in Alert.objects.all()] == ["resolved"]


@pytest.mark.parametrize("name", ["bounce", "vacation", "own_notice", "nagios_flapping"])
def test_what_is_no_alert_is_recorded_with_its_reason_and_changes_nothing(post, name):
    post((PAYLOADS / f"{name}.eml").read_bytes())
    drain(actor=INTAKE)

    kept = Delivery.objects.get()
    assert (kept.state, kept.events_count) == ("IGNORED", 0)
    assert "changes no alert" in kept.warnings[-1]
    assert not Alert.objects.exists()


def test_a_dead_letter_can_be_read_again(post):
    post((PAYLOADS / "empty.eml").read_bytes())
    drain(actor=INTAKE)
    kept = Delivery.objects.get()

    replay(kept.uid, actor=SYSTEM)
    drain(actor=INTAKE)

    kept.refresh_from_db()
    assert (kept.state, kept.replays) == ("DEAD", 1)
    assert "neither a subject nor a text" in kept.error


@pytest.mark.parametrize("name", ["postmark", "postmark_raw"])
def test_postmark_s_json_is_taken(post, name):
    assert post((PAYLOADS / f"{name}.json").read_bytes(), "application/json").status_code == 200
    drain(actor=INTAKE)
    assert Delivery.objects.get().state == "DONE"


@pytest.mark.parametrize("name", ["mailgun", "mailgun_mime"])
def test_mailgun_s_form_is_taken(post, name):
    fields = json.loads((PAYLOADS / f"{name}.json").read_text())

    assert post(urlencode(fields), FORM).status_code == 200
    drain(actor=INTAKE)
    assert Delivery.objects.get().state == "DONE"


@pytest.mark.parametrize("name", ["sendgrid", "sendgrid_raw", "mailgun_attached"])
def test_a_form_with_what_was_attached_is_kept_byte_by_byte_and_read(post, name):
    body = (PAYLOADS / f"{name}.multipart").read_bytes()

    assert post(body, "multipart/form-data; boundary=xYzZY").status_code == 200
    drain(actor=INTAKE)

    kept = Delivery.objects.get()
    assert (bytes(kept.body), kept.state) == (body, "DONE")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", "message/rfc822", 400, "bad-input"),
        (b"no header here", "message/rfc822", 400, "bad-input"),
        (b"Content-Type: a/b; name*\r\n\r\nx", "message/rfc822", 400, "bad-input"),
        (b"Subject: x\r\n\r\nx", "message/rfc822; charset=utf-7", 415, "unsupported-media"),
        (b"Subject: x\r\n\r\nx", "message/global", 415, "unsupported-media"),
        (b"Subject: x\r\n\r\nx", "text/plain", 415, "unsupported-media"),
        (b"x", "multipart/form-data; boundary=x", 400, "bad-input"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400, "bad-input"),
        (b"x", "multipart/mixed; boundary=x", 415, "unsupported-media"),
        (b"Subject: " + b"x" * 2_000_000, "message/rfc822", 413, "too-large"),
    ],
)
def test_a_refusal_has_a_stable_code_and_leaves_nothing(post, body, content_type, status, code):
    answer = post(body, content_type)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:countersign:problem:{code}"
    assert not Delivery.objects.exists()


def test_other_kinds_take_no_mail(client, endpoint):
    path = f"/hooks/alertmanager/{endpoint.token}"

    assert client.generic("POST", path, b"Subject: x\r\n\r\nx", "message/rfc822").status_code == 415


@pytest.mark.parametrize("seed", range(8))
def test_whatever_becomes_of_a_message_it_is_taken_or_refused_and_never_our_fault(post, seed):
    chance = random.Random(seed)
    statuses = {post(spoilt(chance.choice(MAILS).read_bytes(), chance)).status_code for _ in range(60)}

    drain(actor=INTAKE)

    assert statuses <= {200, 400}
    assert 200 in statuses
    settled = Delivery.objects.values_list("state", "error")
    assert not [error for state, error in settled if state == "WAITING" or "Error" in error or "Given up" in error]


@pytest.mark.parametrize("seed", range(8))
def test_nor_is_it_whatever_becomes_of_a_form(post, seed):
    chance = random.Random(seed)
    forms = [spoilt(chance.choice(FORMS).read_bytes(), chance) for _ in range(60)]
    statuses = {post(form, "multipart/form-data; boundary=xYzZY").status_code for form in forms}

    drain(actor=INTAKE)

    assert statuses == {200, 400}
    settled = Delivery.objects.values_list("state", "error")
    assert not [error for state, error in settled if state == "WAITING" or "Error" in error or "Given up" in error]


def test_what_is_stored_of_them_is_bounded_text(post):
    chance = random.Random(99)
    for _ in range(60):
        post(spoilt(chance.choice(MAILS).read_bytes(), chance))
    drain(actor=INTAKE)

    for alert in Alert.objects.all():
        assert 0 < len(alert.title) <= 300
        assert not {"\r", "\n", "\0"} & set(alert.title)
        assert len(alert.description) <= 10_000
