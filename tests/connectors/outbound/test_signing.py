"""Signatures as receivers check them."""

import base64

import pytest

from connectors.outbound.signing import key_of, signature, written
from tests.connectors.outbound.conftest import verified

SECRET, OTHER = written(b"\x01" * 32), written(b"\x02" * 32)
BODY = b'{"specversion":"1.0"}'


def headers(secrets=(SECRET,), body=BODY, message="msg1", timestamp=1_700_000_000):
    signed = signature(secrets, message_id=message, timestamp=timestamp, body=body)
    return {"webhook-id": message, "webhook-timestamp": str(timestamp), "webhook-signature": signed}


def test_the_example_of_the_specification_comes_out():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    signed = signature([secret], message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=body)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_finds_it_right():
    assert verified(SECRET, headers(), BODY, now=1_700_000_010)


@pytest.mark.parametrize("at", range(len(BODY)))
def test_a_body_with_one_bit_turned_is_seen(at):
    tampered = bytearray(BODY)
    tampered[at] ^= 1

    assert not verified(SECRET, headers(), bytes(tampered), now=1_700_000_010)


def test_another_id_another_time_and_another_secret_are_seen():
    assert not verified(SECRET, headers() | {"webhook-id": "msg2"}, BODY, now=1_700_000_010)
    assert not verified(SECRET, headers() | {"webhook-timestamp": "1700000001"}, BODY, now=1_700_000_010)
    assert not verified(OTHER, headers(), BODY, now=1_700_000_010)


def test_a_recorded_request_is_worth_nothing_later():
    assert not verified(SECRET, headers(), BODY, now=1_700_000_000 + 301)


def test_while_a_secret_is_replaced_both_count():
    signed = headers(secrets=(OTHER, SECRET))

    assert verified(SECRET, signed, BODY, now=1_700_000_010)
    assert verified(OTHER, signed, BODY, now=1_700_000_010)


def test_a_secret_is_written_so_that_it_is_read_again():
    assert key_of(SECRET) == b"\x01" * 32
    assert base64.b64decode(SECRET.removeprefix("whsec_")) == key_of(SECRET)
