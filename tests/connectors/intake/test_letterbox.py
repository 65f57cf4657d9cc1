"""Mail by SMTP and LMTP, spoken with by the standard library's client: 250 means stored, and nothing else does."""

import asyncio
import logging
import smtplib
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from connectors.intake import backlog, commits, door, letterbox, mailboxes
from connectors.intake.door import Answer
from connectors.models import Delivery, Source
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from connectors.services.renew_source import renew_source
from core.actors import INTAKE, SYSTEM
from incidents.models import Alert
from tests.connectors.intake.conftest import aside

pytestmark = pytest.mark.django_db(transaction=True)
PROBLEM = (Path(__file__).parents[1] / "payloads" / "email" / "nagios_problem.eml").read_bytes()
WIRE = PROBLEM.replace(b"\n", b"\r\n")
SENDER = "nagios@monitor.example"


def send(to, body=WIRE, sender=SENDER, client=smtplib.SMTP):
    """The code and words of the last answer, of the recipient or of the message."""

    def part(port):
        with client("127.0.0.1", port, timeout=20) as smtp:
            smtp.ehlo_or_helo_if_needed()
            smtp.mail(sender)
            code, said = smtp.rcpt(to)
            if code == 250:
                code, said = smtp.data(body)
            return code, said.decode()

    return part


async def test_250_means_that_the_message_is_stored_as_it_came(made, talk):
    code, said = await talk(send(f"{made.mailbox}@alerts.example"))

    kept = await aside(lambda: Delivery.objects.select_related("source").get())
    assert (code, said) == (250, f"2.0.0 Kept as {kept.uid}")
    assert bytes(kept.body) == b"Return-Path: <nagios@monitor.example>\r\n" + WIRE
    assert (kept.source, kept.headers) == (made.source, {"content-type": "message/rfc822"})
    await aside(lambda: drain(actor=INTAKE))
    assert await aside(lambda: Alert.objects.get().severity) == "critical"


async def test_lmtp_is_spoken_too(made, talk):
    class Lmtp(smtplib.LMTP):
        def ehlo_or_helo_if_needed(self):
            self.ehlo("mta.example")

    code, _ = await talk(send(f"{made.mailbox}@x", client=Lmtp), lmtp=True)

    assert code == 250
    assert await aside(Delivery.objects.count) == 1


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda box: f"{box}@sub.example".rpartition("@")[0]])
async def test_capitals_in_the_address_do_not_matter(made, talk, change):
    assert (await talk(send(f"{change(made.mailbox)}@Alerts.Example")))[0] == 250


@pytest.mark.parametrize(
    "address",
    [
        "postmaster@x",
        "1.x@x",
        "{pk}.aaaaaaaaaaaaaaaaaaaaaaaaaa@x",
        "99{box}@x",
        "{box}a@x",
        "{box}",
        "{token}@x",
        '"{box} "@x',
    ],
)
async def test_who_is_not_known_is_a_550_and_nothing_is_read(made, talk, address):
    to = address.format(pk=made.source.pk, box=made.mailbox, token=made.token)

    assert await talk(send(to)) == (550, "5.1.1 No source has this address")
    assert await aside(Delivery.objects.count) == 0


@pytest.mark.parametrize("kind", ["generic", "alertmanager"])
async def test_other_kinds_have_no_mailbox(talk, kind):
    other = await aside(lambda: add_source(kind, kind, actor=SYSTEM))
    forged = f"{other.source.pk}.{mailboxes._secret(other.source)}"

    assert other.mailbox == ""
    assert (await talk(send(f"{forged}@x")))[0] == 550


async def test_a_paused_source_and_an_old_address_are_not_known(made, talk):
    old = made.mailbox
    renewed = await aside(lambda: renew_source(made.source.slug, actor=SYSTEM))

    assert (await talk(send(f"{old}@x")))[0] == 550
    assert (await talk(send(f"{renewed.mailbox}@x")))[0] == 250
    await aside(lambda: Source.objects.update(is_active=False))
    assert (await talk(send(f"{renewed.mailbox}@x")))[0] == 550


async def test_a_source_that_is_paused_between_recipient_and_message_is_a_550(made, talk, monkeypatch):
    monkeypatch.setattr(door, "_sources", lambda _: {})

    assert (await talk(send(f"{made.mailbox}@x")))[0] == 550


async def test_one_recipient_a_message(made, talk):
    def part(port):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            return smtp.sendmail(SENDER, [f"{made.mailbox}@x", f"{made.mailbox}@y"], WIRE)

    refused = await talk(part)

    assert [code for code, _ in refused.values()] == [452]
    assert await aside(Delivery.objects.count) == 1


@pytest.mark.parametrize("body", [b"x" * 5000, (b"y" * 70 + b"\r\n") * 100, b"z" * 3960])
async def test_more_than_is_taken_is_a_552(made, talk, settings, body):
    settings.INTAKE_MAX_BYTES = 4000
    code, _ = await talk(send(f"{made.mailbox}@x", b"Subject: x\r\n\r\n" + body))

    assert code == 552
    assert await aside(Delivery.objects.count) == 0


async def test_a_long_line_is_taken(made, talk):
    assert (await talk(send(f"{made.mailbox}@x", b"Subject: x\r\n\r\n" + b"x" * 90_000)))[0] == 250


async def test_a_refused_message_is_a_554_with_the_reason(made, talk):
    code, said = await talk(send(f"{made.mailbox}@x", b"Content-Type: a/b; name*\r\n\r\nx"))

    assert code == 554
    assert said.startswith("5.6.0 bad-input: The message cannot be parsed")


async def test_an_empty_sender_is_kept_as_such_and_is_no_alert(made, talk):
    assert (await talk(send(f"{made.mailbox}@x", sender="<>")))[0] == 250

    await aside(lambda: drain(actor=INTAKE))
    kept = await aside(Delivery.objects.get)
    assert bytes(kept.body).startswith(b"Return-Path: <>\r\n")
    assert kept.state == "IGNORED"


async def test_while_the_database_does_not_answer_the_sender_is_asked_to_come_again(made, talk, monkeypatch):
    def gone(*_args, **_more):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(door, "accept_all", gone)
        assert (await talk(send(f"{made.mailbox}@x")))[0] == 451
        patch.setattr(letterbox, "source_of", gone)
        assert (await talk(send(f"{made.mailbox}@x")))[0] == 451
    assert (await talk(send(f"{made.mailbox}@x")))[0] == 250


async def test_a_full_inbox_is_a_451(made, talk, settings):
    settings.INTAKE_MAX_WAITING = 0
    backlog.forget()

    code, said = await talk(send(f"{made.mailbox}@x"))

    assert (code, "overloaded" in said) == (451, True)


async def test_a_fault_is_a_451_that_says_nothing_of_it(made, talk, monkeypatch):
    def broken(*_):
        raise KeyError(made.mailbox)

    monkeypatch.setattr(letterbox, "source_of", broken)

    code, said = await talk(send(f"{made.mailbox}@x"))

    assert code == 451
    assert made.mailbox not in said


async def test_the_answer_comes_after_the_commit(made, talk, monkeypatch):
    stored = []

    def counted(posts, **more):
        answers = door.answer_all(posts, **more)
        stored.append(Delivery.objects.count())
        return answers

    monkeypatch.setattr(commits, "answer_all", counted)

    assert (await talk(send(f"{made.mailbox}@x")))[0] == 250
    assert stored == [1]


async def test_too_many_connections_are_turned_away(made, talk, monkeypatch):
    monkeypatch.setattr(letterbox, "MOST_OPEN", 1)

    def part(port):
        with smtplib.SMTP("127.0.0.1", port, timeout=20), socket.create_connection(("127.0.0.1", port)) as other:
            return other.recv(100)

    assert (await talk(part)).startswith(b"421 ")


async def test_told_to_stop_it_answers_what_it_is_storing_and_hears_no_more(made):
    stop, port = asyncio.Event(), free_port()
    serving = asyncio.create_task(letterbox.serve("127.0.0.1", port, lmtp=False, stop=stop))
    await asyncio.sleep(0.05)

    assert (await aside(lambda: send(f"{made.mailbox}@x")(port)))[0] == 250
    stop.set()
    await serving
    with pytest.raises(ConnectionRefusedError):
        await aside(lambda: send("x@x")(port))


def test_a_port_that_is_taken_is_said(db):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CommandError, match="Nothing can listen"):
        call_command("mail", "--port", str(taken.getsockname()[1]))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def test_the_secret_is_never_logged(made, talk, caplog, settings):
    caplog.set_level(logging.DEBUG)
    for name, logger in settings.LOGGING["loggers"].items():
        logging.getLogger(name).setLevel(logger["level"])

    await talk(send(f"{made.mailbox}@x"))
    await talk(send(f"{made.mailbox}@x", b"no mail"))

    def part(port):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            smtp.docmd(f"RCPT\tTO:<{made.mailbox}@x>")
            smtp.docmd(f"VRFY {made.mailbox}@x")

    await talk(part)
    assert made.mailbox.partition(".")[2] not in caplog.text.lower()


@pytest.mark.parametrize(
    ("status", "code"), [(400, "554"), (401, "550"), (413, "552"), (415, "554"), (500, "451"), (503, "451")]
)
def test_every_refusal_has_its_code_in_one_line_of_ascii(status, code):
    body = b'{"type": "urn:countersign:problem:odd", "detail": "K\\u00fchl\\r\\n250 OK"}'

    assert letterbox.reply_to(Answer(status=status, body=body)).startswith(code)
    assert not {"\r", "\n", "ü"} & set(letterbox.reply_to(Answer(status=status, body=body)))
