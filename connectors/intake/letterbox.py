"""Mail by SMTP or LMTP: one recipient a message, and 250 only when the message is stored."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from audit import quotas
from connectors.intake.commits import Commits
from connectors.intake.door import Answer, Post
from connectors.intake.envelopes import MESSAGE
from connectors.intake.mailboxes import source_of
from connectors.sources.services.email import Email

log = logging.getLogger(__name__)

NAME: Final = "countersign"
MOST_OPEN: Final = 100
IDLE_S: Final = 60.0
"""For so long a client may do nothing, or send one message."""
LONGEST_LINE: Final = 100_000
"""RFC 5321 allows 1,000; what programs pipe into a mail server is often longer."""
COMMANDS: Final = 1_000
"""Of each sort in one connection."""
GONE: Final = "550 5.1.1 No source has this address"
BUSY: Final = "451 4.3.0 The database does not answer; nothing was accepted, try again"


class Smtp(SMTP):
    """SMTP with longer lines; its connections are counted."""

    line_length_limit = LONGEST_LINE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more."""
        self.event_handler.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """One less."""
        self.event_handler.open -= 1
        super().connection_lost(error)


class Lmtp(LMTP, Smtp):
    """LMTP; with one recipient a message, its one answer is that recipient's."""


class _Full(asyncio.Protocol):
    """Turns a client away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and hang up."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections, try again\r\n")
        transport.close()


@dataclass  # without slots: aiosmtpd asks for each attribute of it, which Python 3.11.2 cannot tell of such a class
class Letterbox:
    """What aiosmtpd asks about each message. The recipient's secret is neither kept nor logged.

    Attributes:
        open: how many connections there are.
        storing: messages that wait for their commit.
    """

    commits: Commits = field(default_factory=Commits)
    open: int = 0
    storing: int = 0

    def protocol(self, *, lmtp: bool = False) -> asyncio.Protocol:
        """What talks to one client."""
        if self.open >= MOST_OPEN:
            return _Full()
        return (Lmtp if lmtp else Smtp)(
            self,
            data_size_limit=settings.INTAKE_MAX_BYTES,
            hostname=NAME,
            ident=NAME,
            timeout=IDLE_S,
            command_call_limit=COMMANDS,
            loop=asyncio.get_running_loop(),
        )

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient that is a source's; what is noted of it is the digest of the source's token."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient a message; send it to the others by themselves"
        try:
            known = await asyncio.to_thread(_known, address)
        except (OperationalError, InterfaceError):
            return BUSY
        if not known:
            return GONE
        envelope.rcpt_tos.append(known)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- theirs
        """Store the message, with the Return-Path that a server of last resort adds (RFC 5321, 4.4), and answer."""
        sender = (envelope.mail_from or "").strip("<>").encode("ascii", "replace")
        content = envelope.original_content or b""
        body = b"Return-Path: <" + sender + b">\r\n" + content
        if len(body) > settings.INTAKE_MAX_BYTES:
            return f"552 5.3.4 At most {settings.INTAKE_MAX_BYTES} bytes are taken in one message"
        post = Post(kind=Email.slug, known=envelope.rcpt_tos[0], headers={"content-type": MESSAGE}, body=body)
        self.storing += 1
        try:
            return reply_to(await self.commits.answer(post))
        finally:
            self.storing -= 1

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours, or something that aiosmtpd stumbles over: said without what was sent."""
        log.error("mail could not be taken", extra={"error": type(error).__name__})
        return "451 4.3.0 The fault is ours; nothing was accepted, try again"


async def serve(host: str, port: int, *, lmtp: bool, stop: asyncio.Event) -> None:
    """Take mail until told to stop; what is being stored then still gets its answer.

    Raises:
        OSError: Nobody can listen there.
    """
    box = Letterbox()
    server = await asyncio.get_running_loop().create_server(lambda: box.protocol(lmtp=lmtp), host, port)
    log.info("mail is taken", extra={"host": host, "port": port, "lmtp": lmtp})
    async with server:
        await stop.wait()
        server.close()
        for _ in range(100):
            if not box.storing:
                break
            await asyncio.sleep(0.1)


def reply_to(answer: Answer) -> str:
    """What a mail server is told: kept, come again, or never."""
    told = json.loads(answer.body)
    if answer.status < 300:
        return f"250 2.0.0 Kept as {told['delivery_id']}"
    why = _line(f"{told['type'].rpartition(':')[2]}: {told['detail']}")
    if answer.status == 401:
        return GONE
    if answer.status == 413:
        return f"552 5.3.4 {why}"
    return f"451 4.3.0 {why}" if answer.status >= 500 else f"554 5.6.0 {why}"


def _known(address: str) -> str:
    """The digest of the token of the source that has this address; empty where none has."""
    try:
        source = source_of(address)
        if source is None:
            quotas.strangers.count("delivery.refused", "intake:mail")
        return source.token_sha256 if source is not None else ""
    finally:
        close_old_connections()


def _line(text: str) -> str:
    """One line of ASCII, as SMTP has it."""
    return " ".join(text.encode("ascii", "replace").decode().split())[:400]
