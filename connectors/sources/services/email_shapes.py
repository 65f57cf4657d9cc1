"""The bodies in which services that receive mail post it, as the mail in them: Postmark's JSON, forms of the others."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.intake import mail_text, strict_mail
from connectors.intake.strict_mail import READ, Mail
from connectors.nested import nested
from connectors.reading import Notes

RAW = ("RawEmail", "body-mime", "email")
FILE = re.compile(r"attachment-?\d{1,3}")
FIELD = re.compile(r"([!-9;-~]{1,200}):[ \t]*(.*)")
FOLD = re.compile(r"\n[ \t]+")
MOST_HEADERS = strict_mail.MAX_HEADERS


def mail_in(value: object, notes: Notes) -> Mail | None:
    """The mail in a body; None where there is none.

    Raises:
        BadInputError: The message in it cannot be read.
    """
    if not isinstance(value, Mapping):
        return value if isinstance(value, Mail) else None
    raw = next((value[name] for name in RAW if isinstance(value.get(name), str) and value[name].strip()), None)
    if raw is not None:
        mail, said = strict_mail.parse(raw.encode("utf-8", "replace"))
        for sentence in said:
            notes.add(sentence)
        return mail
    read = _reader(value)
    return read(value, notes) if read is not None else None


def _reader(value: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Notes], Mail] | None:
    if "MessageID" in value and ("TextBody" in value or "HtmlBody" in value):
        return _postmark
    if "body-plain" in value and ("sender" in value or "from" in value):
        return _mailgun
    return _sendgrid if "headers" in value and "envelope" in value else None


def _postmark(value: Mapping[str, Any], notes: Notes) -> Mail:
    listed = value.get("Headers")
    pairs = [(one.get("Name"), one.get("Value")) for one in _objects(listed)]
    own = [("subject", value.get("Subject")), ("date", value.get("Date")), ("message-id", value.get("MessageID"))]
    attached = [one.get("Name") for one in _objects(value.get("Attachments"))]
    return _mail([*own, *pairs], value.get("From"), (value.get("TextBody"), value.get("HtmlBody")), attached, notes)


def _mailgun(value: Mapping[str, Any], notes: Notes) -> Mail:
    listed = nested(value.get("message-headers"), notes)
    pairs = [(one[0], one[1]) for one in listed if isinstance(one, list) and len(one) == 2] if listed else []
    own = [("subject", value.get("subject"))]
    texts = (value.get("body-plain"), value.get("body-html"))
    return _mail([*own, *pairs], value.get("from") or value.get("sender"), texts, _files(value), notes)


def _sendgrid(value: Mapping[str, Any], notes: Notes) -> Mail:
    """https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook."""
    said = value["headers"] if isinstance(value["headers"], str) else ""
    lines = FOLD.sub(" ", said[: strict_mail.MAX_HEAD]).split("\n")[:MOST_HEADERS]
    pairs = [(found[1], found[2]) for found in map(FIELD.fullmatch, lines) if found]
    own = [("subject", value.get("subject"))]
    texts = (value.get("text"), value.get("html"))
    return _mail([*own, *pairs], value.get("from"), texts, _files(value), notes)


def _files(value: Mapping[str, Any]) -> list[object]:
    """What the files of a form are called."""
    return [name for field, name in value.items() if FILE.fullmatch(field)]


def _mail(
    pairs: Iterable[tuple[object, object]],
    author: object,
    texts: tuple[object, object],
    attached: Iterable[object],
    notes: Notes,
) -> Mail:
    headers: dict[str, str] = {}
    for name, value in pairs:
        if isinstance(name, str) and isinstance(value, str) and value and name.lower() in READ:
            headers.setdefault(name.lower(), mail_text.one_line(value[: strict_mail.LONGEST_FIELD], notes))
    media = next((str(value) for name, value in pairs if str(name).lower() == "content-type"), "text/plain")
    plain, html = ("" if not isinstance(one, str) else one for one in texts)
    return Mail(
        headers=headers,
        sender=strict_mail.address_in(str(author or ""), notes),
        media=media.partition(";")[0].strip().lower(),
        text=mail_text.cut(plain if plain.strip() else mail_text.from_html(html, notes), notes),
        attachments=tuple(str(name)[:100] for name in attached if isinstance(name, str)),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
