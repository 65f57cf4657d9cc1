"""Mail (RFC 5322, MIME) from strangers: bounded in headers, lines, parts and depth; what it says becomes plain text.

Parsed by the standard library's `email` with its default policy. That parser raises all kinds of errors on malformed
input and takes long over some of it, so everything is bounded before it sees it, and nothing that it raises gets out.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final, NoReturn

from connectors.intake import mail_text
from connectors.reading import Notes
from core.errors import BadInputError

MAX_HEAD: Final = 200_000
MAX_HEADERS: Final = 500
MAX_LINES: Final = 100_000
MAX_PARTS: Final = 100
MAX_NESTS: Final = 20
"""Parts that hold parts, and messages in messages; the depth can be no greater than that."""
LONGEST_FIELD: Final = 4_000
"""Characters of a header field that are looked at."""
LONGEST_MIME: Final = 1_500
MAX_MIME: Final = 20_000
"""Bytes of a field of MIME, and of all of them: the parser takes quadratic time over their parameters."""
LONGEST_ADDRESSES: Final = 1_000
MOST_NAMED: Final = 10

HEAD: Final = re.compile(rb"\r?\n\r?\n")
FIRST: Final = re.compile(rb"From |[A-Za-z][A-Za-z0-9_.-]*:")
BARE_CR: Final = re.compile(rb"\r(?!\n)")
FIELD: Final = re.compile(rb"(?:^|\n)[^\s]")
MIME_FIELD: Final = re.compile(
    rb"(?:^|(?<=[\r\n]))content-(?:type|transfer-encoding|disposition):[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*",
    re.IGNORECASE,
)
NESTING: Final = re.compile(rb"multipart|message", re.IGNORECASE)
READ: Final = frozenset(
    {
        "auto-submitted",
        "date",
        "in-reply-to",
        "list-id",
        "message-id",
        "precedence",
        "references",
        "return-path",
        "subject",
        "x-alert-severity",
        "x-alert-state",
        "x-alert-status",
        "x-auto-reply",
        "x-autoreply",
        "x-autorespond",
        "x-countersign-notice",
    }
)
FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MessageError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the standard library's parser is known to raise on malformed headers, bodies and charsets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a message says, as text.

    Attributes:
        headers: those of `READ` that are there, by lower-case name, decoded, in one line each; the first of several.
        sender: the address of the first author, lower case; empty where there is none to be read.
        media: the media type of the whole, such as `multipart/report`.
        text: its plain text; where there is none, what its HTML says.
        attachments: names of what is attached, or their types.
    """

    headers: dict[str, str] = field(default_factory=dict)
    sender: str = ""
    media: str = "text/plain"
    text: str = ""
    attachments: tuple[str, ...] = ()


class _TooManyPartsError(Exception):
    """The message falls into more parts than are read."""


def parse(body: bytes) -> tuple[Mail, tuple[str, ...]]:
    """Read a message; return it with warnings.

    Raises:
        BadInputError: It is none, or goes beyond a bound; with what is wrong.
    """
    _require_bounds(body)
    message = _parsed(body)
    notes = Notes()
    try:
        media = message.get_content_type()
    except FAULTS:
        media = "text/plain"
    headers = _headers(message, notes)
    text, attachments = _content(message, notes)
    author = next((str(value) for name, value in message.raw_items() if name.lower() == "from"), "")
    sender = address_in(mail_text.from_wire(author[:LONGEST_ADDRESSES], notes), notes)
    mail = Mail(headers=headers, sender=sender, media=media, text=text, attachments=attachments)
    return mail, tuple(notes.said)


def address_in(text: str, notes: Notes) -> str:
    """The first address in a From; where that is malformed, what stands in angle brackets in it."""
    text = text[:LONGEST_ADDRESSES]
    try:
        addresses = default.header_fetch_parse("from", text).addresses
        told = str(addresses[0].addr_spec) if addresses else ""
    except FAULTS:
        told = ""
    if "@" not in told:
        inside = re.search(r"<([^<>\s]+)>", text)
        told = inside[1] if inside else text.partition("(")[0]
    return mail_text.one_line(told, notes).lower()[:254]


def _require_bounds(body: bytes) -> None:
    if not body.strip():
        _refuse("The message is empty.")
    found = HEAD.search(body)
    head = body[: found.start() if found else len(body)]
    if not FIRST.match(head):
        _refuse("This is no mail: it does not begin with a header field, such as `From:`.")
    if len(head) > MAX_HEAD or len(FIELD.findall(head)) > MAX_HEADERS:
        _refuse(f"The header is longer than {MAX_HEAD:,} bytes, or has more than {MAX_HEADERS} fields.")
    if BARE_CR.search(head):
        _refuse("The header holds a carriage return without a line feed, so that it can be read in two ways.")
    if body.count(b"\n") + len(BARE_CR.findall(body)) > MAX_LINES:
        _refuse(f"The message has more than {MAX_LINES:,} lines.")
    fields = MIME_FIELD.findall(body)
    if any(len(one) > LONGEST_MIME for one in fields) or sum(map(len, fields)) > MAX_MIME:
        _refuse(f"A field of MIME is longer than {LONGEST_MIME:,} bytes, or all of them than {MAX_MIME:,}.")
    if sum(bool(NESTING.search(one)) for one in fields) > MAX_NESTS:
        _refuse(f"The message holds more than {MAX_NESTS} messages and groups of parts.")


def _parsed(body: bytes) -> EmailMessage:
    made = 0

    def make(policy: Any = None) -> EmailMessage:  # noqa: ANN401 -- a policy, which the parser names thus
        nonlocal made
        made += 1
        if made > MAX_PARTS + 1:  # the first is the message itself
            raise _TooManyPartsError
        return EmailMessage(policy)

    try:
        return email.message_from_bytes(body, policy=default.clone(message_factory=make))
    except _TooManyPartsError:
        _refuse(f"The message has more than {MAX_PARTS} parts.")
    except FAULTS as error:
        _refuse(f"The message cannot be parsed: its MIME is malformed ({type(error).__name__}).")


def _headers(message: EmailMessage, notes: Notes) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in message.raw_items():
        name = raw_name.lower()
        if name not in READ:
            continue
        if name in found:
            notes.add(f"There is more than one {raw_name[:40]}; the first counts.")
            continue
        found[name] = _value(name, str(raw_value), notes)
    return found


def _value(name: str, raw: str, notes: Notes) -> str:
    """A field's text in one line: of a subject its encoded words decoded, of all else as it stands."""
    if len(raw) > LONGEST_FIELD:
        notes.add(f"The {name} was cut at {LONGEST_FIELD:,} characters.")
    text = mail_text.from_wire(raw[:LONGEST_FIELD], notes)
    if name == "subject":
        try:
            text = str(default.header_fetch_parse(name, text))
        except FAULTS:
            notes.add("The subject is malformed and is shown as it stands.")
    return mail_text.one_line(text, notes)


def _content(message: EmailMessage, notes: Notes) -> tuple[str, tuple[str, ...]]:
    """Its plain text, else its HTML as text; and what is attached."""
    plain, html, attached = [], [], []
    for part in _leaves(message):
        kind, name = _kind(part)
        if kind == "text/plain" and name is None:
            plain.append(_text(part, notes))
        elif kind == "text/html" and name is None:
            html.append(_text(part, notes))
        else:
            attached.append(mail_text.one_line(name or kind, notes)[:100])
    text = "\n".join(one for one in plain if one.strip())
    if not text and html:
        text = mail_text.from_html("\n".join(html), notes)
    more = [f"and {len(attached) - MOST_NAMED} more"] if len(attached) > MOST_NAMED else []
    return mail_text.cut(text, notes), (*attached[:MOST_NAMED], *more)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold no parts, in their order; a message within the message counts as one."""
    todo: list[EmailMessage] = [message]
    while todo:
        part = todo.pop()
        if part.is_multipart() and (part is message or not _kind(part)[0].startswith("message/")):
            todo += reversed([one for one in part.get_payload() if isinstance(one, EmailMessage)])
        else:
            yield part


def _kind(part: EmailMessage) -> tuple[str, str | None]:
    """The media type, and the name if it is attached and not part of what is said."""
    try:
        kind, name = part.get_content_type(), part.get_filename()
        attached = part.get_content_disposition() == "attachment" or (name is not None and kind != "text/plain")
    except FAULTS:
        return "application/octet-stream", None
    return kind, (name or "") if attached else None


def _text(part: EmailMessage, notes: Notes) -> str:
    try:
        data, charset = part.get_payload(decode=True), part.get_content_charset()
    except FAULTS:
        notes.add("A part of the message could not be decoded and was left out.")
        return ""
    return mail_text.decoded(data, charset, notes) if isinstance(data, bytes) else ""


def _refuse(detail: str) -> NoReturn:
    raise BadInputError(detail)
