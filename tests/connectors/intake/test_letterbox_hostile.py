"""Clients that do not keep to SMTP: no second message is smuggled in, and nothing that is sent breaks the letterbox."""

import random
import smtplib
import socket
from contextlib import suppress

import pytest

from connectors.models import Delivery
from tests.connectors.intake.conftest import aside

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = [
    *(b"EHLO x\r\n", b"LHLO x\r\n", b"HELO\r\n", b"MAIL FROM:<a@b>\r\n", b"MAIL FROM:<>\r\n", b'MAIL FROM:<"\r\n'),
    *(b"RCPT TO:<{box}@x>\r\n", b"RCPT TO:<(@x>\r\n", b"RCPT TO:<[@[>\r\n", b"RCPT TO: \r\n", b"DATA\r\n", b".\r\n"),
    *(b"Subject: x\r\n\r\nx\r\n.\r\n", b"\r\n", b"\n", b"\r", b"\0\0", b"\xff\xfe\r\n", b"RSET\r\n", b"NOOP\r\n"),
    *(b"VRFY x\r\n", b"AUTH PLAIN AAAA\r\n", b"STARTTLS\r\n", b"HELP\r\n", b"x" * 3000 + b"\r\n", b"BDAT 7 LAST\r\n"),
    *(b"MAIL FROM:<a@b> SIZE=99999999999\r\n", b"MAIL FROM:<a@b> BODY=x SMTPUTF8=1\r\n", b"RCPT TO:<{box}@x> A=B\r\n"),
]


async def stored():
    return await aside(lambda: [bytes(one.body) for one in Delivery.objects.all()])


def said(port, *parts):
    """All that a client hears who sends these, each after the last answer."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        heard += line.recv(1000)
        for part in parts:
            line.sendall(part)
            heard += line.recv(1000)
        with suppress(OSError):
            line.sendall(b"QUIT\r\n")
            line.shutdown(socket.SHUT_WR)
            while more := line.recv(1000):
                heard += more
    return heard


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\n.\r"])
async def test_no_second_message_is_smuggled_in(made, talk, end):
    rcpt = f"RCPT TO:<{made.mailbox}@x>\r\n".encode()
    second = b"MAIL FROM:<evil@x>\r\n" + rcpt + b"DATA\r\nSubject: second\r\n\r\nx\r\n.\r\n"
    message = b"Subject: first\r\n\r\nx" + end + second

    heard = await talk(lambda port: said(port, b"EHLO x\r\n", b"MAIL FROM:<a@b>\r\n", rcpt, b"DATA\r\n", message))

    bodies = await stored()
    assert len(bodies) <= 1
    assert b"2.0.0" not in heard or b"second" in bodies[0]
    assert not any(body.startswith(b"Return-Path: <evil@x>") for body in bodies)


async def test_a_carriage_return_in_a_sender_starts_no_header(made, talk):
    parts = b"EHLO x\r\n", b"MAIL FROM:<a\rX-Alert-Status: ok@b>\r\n", f"RCPT TO:<{made.mailbox}@x>\r\n".encode()

    await talk(lambda port: said(port, *parts, b"DATA\r\n", b"Subject: x\r\n\r\nx\r\n.\r\n"))

    assert not any(b"\rX-Alert" in body for body in await stored())


@pytest.mark.parametrize("seed", range(5))
async def test_garbage_is_answered_or_cut_off_and_breaks_nothing(made, talk, seed):
    chance = random.Random(seed)
    box = made.mailbox.encode()

    def part(port):
        for _ in range(20):
            words = b"".join(chance.choice(WORDS).replace(b"{box}", box) for _ in range(chance.randint(1, 12)))
            with suppress(OSError):
                said(port, words)
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            return smtp.sendmail("a@b", [f"{made.mailbox}@x"], b"Subject: last\r\n\r\nx")

    assert await talk(part) == {}
    assert any(b"Subject: last" in body for body in await stored())
