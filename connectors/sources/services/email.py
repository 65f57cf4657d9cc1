"""Mail, for tools that can send nothing else.

Everybody writes mail differently, so a word counts as a status only where mail declares one: in a header of its own,
behind an arrow, in a tag, at the beginning or the end of the subject, or in a line such as `State: OK`. Mail that
declares none is firing; where subject and text contradict each other it is unclassified. Bounces, automatic answers and
what we sent ourselves are no alerts.
"""

import re
from collections.abc import Iterable

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.intake.envelopes import FORM, MESSAGE, PARTS
from connectors.intake.strict_mail import Mail
from connectors.reading import Notes
from connectors.sources.services import email_words as words
from connectors.sources.services.email_shapes import mail_in
from connectors.sources.services.email_words import Subject
from connectors.told import Source, Told, ignored, rejected
from core import notices
from core.errors import BadInputError
from incidents.events import Status

ANSWERS = ("x-auto-reply", "x-autoreply", "x-autorespond")
CRON = re.compile(r"Cron\s+<([^@>\s]+)@([^>\s]+)>")
OPPOSITES = frozenset({Status.FIRING, Status.RESOLVED})


class Email(Source):
    """Alerts by mail."""

    slug = "email"
    title = "E-mail"
    documentation = "https://www.rfc-editor.org/rfc/rfc5322"
    media = frozenset({MESSAGE, FORM, PARTS})
    accepted = 200
    fingerprint_fields = (
        "List-Id, else the sender",
        "environment in a tag",
        "subject without tags, words of status and severity, dates and measures",
    )
    statuses = words.STATUSES
    severities = words.SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one message."""
        try:
            mail = mail_in(delivery.value, notes)
        except BadInputError as error:
            return rejected(error.detail)
        if mail is None:
            return rejected("This is no message, and no body in which Postmark, Mailgun or SendGrid post one.")
        first_line = next((line.strip() for line in mail.text.splitlines() if line.strip()), "")
        subject, lines = words.subject_of(mail.headers.get("subject") or first_line), words.lines_of(mail.text)
        why = _no_alert(mail, subject, lines)
        if why:
            return ignored(why)
        if not subject.title:
            return rejected("There is neither a subject nor a text; nothing says what the alert is.")
        return [self._told(mail, subject, lines, notes)]

    def _told(self, mail: Mail, subject: Subject, lines: dict[str, str], notes: Notes) -> Told:
        status = self._status(mail, subject, lines, notes)
        listed, date = _list_id(mail), mail.headers.get("date", "").partition("(")[0].strip()
        environment = words.environment_of(subject)
        cron = CRON.match(subject.rest)
        return Told(
            status=status,
            identity=("mail", listed or mail.sender, environment, words.same_again(subject)),
            titles=[subject.title],
            severity=_severity(mail, subject, lines),
            description=mail.text,
            resource=("host", _line(lines, words.RESOURCE_LINES) or (cron[2] if cron else None)),
            service=_line(lines, words.SERVICE_LINES),
            environment=_line(lines, ("environment", "umgebung")) or environment,
            labels={
                name: value
                for name, value in (
                    ("sender", mail.sender),
                    ("list", listed),
                    ("attachments", ", ".join(mail.attachments)),
                )
                if value
            },
            links={"source": _link(lines)},
            starts_at=date if status is Status.FIRING else None,
            ends_at=date,
            at=date,
            source_event_id=mail.headers.get("message-id", "").strip("<> "),
        )

    def _status(self, mail: Mail, subject: Subject, lines: dict[str, str], notes: Notes) -> Status:
        told = mail.headers.get("x-alert-status") or mail.headers.get("x-alert-state")
        if told:
            return self.status_of(told, notes)
        by_subject, by_line = words.said_by_subject(subject), _state(lines)
        if by_subject is None and by_line is None:
            notes.add("Nothing in the mail declares a status; it counts as firing.")
            return Status.FIRING
        if by_subject is None or by_line is None:
            return self._of_word(by_subject or by_line, notes)
        first, second = self._of_word(by_subject, notes), self._of_word(by_line, notes)
        if {first, second} == OPPOSITES:
            notes.add(
                f"The subject says {by_subject[:40]!r} and the text {by_line[:40]!r}; "
                "the alert is recorded as unclassified."
            )
            return Status.UNCLASSIFIED
        return first

    def _of_word(self, word: str | None, notes: Notes) -> Status:
        """The status of a word; `not ok` fires, and `not down` says nothing that one could rely on."""
        if word is not None and word.startswith("not ") and self.statuses.get(word[4:]) is Status.RESOLVED:
            return Status.FIRING
        return self.status_of(word, notes)


def _no_alert(mail: Mail, subject: Subject, lines: dict[str, str]) -> str:
    """Why a message is no alert; empty where it may be one."""
    said, kind = mail.headers, lines.get("notification type", subject.rest).lower()
    thread = said.get("in-reply-to", "") + said.get("references", "") + said.get("message-id", "")
    if notices.HEADER.lower() in said or notices.MARK in thread or subject.rest.startswith(notices.SUBJECT):
        return "This is a notice of our own, or an answer to one; it changes no alert."
    if mail.media == "multipart/report" or mail.media.startswith("message/"):
        return "This is a report about another message (a bounce or a receipt); it changes no alert."
    if said.get("return-path", "").replace(" ", "") == "<>":
        return "The Return-Path is empty, as in bounces; it changes no alert."
    answers = said.get("auto-submitted", "").lower().startswith("auto-replied")
    if answers or said.get("precedence", "").lower().replace("-", "_") == "auto_reply" or set(ANSWERS) & set(said):
        return "This is an automatic answer; it changes no alert."
    return f"A notification of the type {kind[:40]!r} changes no alert." if kind.startswith(words.QUIET) else ""


def _list_id(mail: Mail) -> str:
    """What stands in angle brackets in List-Id, which never changes (RFC 2919)."""
    told = mail.headers.get("list-id", "")
    inside = re.search(r"<([^<>]{1,250})>", told)
    return (inside[1] if inside else told).strip().lower()[:250]


def _state(lines: dict[str, str]) -> str | None:
    """The word of the first line that declares a status; of those that mean other things elsewhere only a known one."""
    for name in words.STATUS_LINES:
        word = words.state_after(lines[name]) if name in lines else ""
        if word and (word in words.STATUSES or name == "notification type"):
            return word
    return None


def _severity(mail: Mail, subject: Subject, lines: dict[str, str]) -> object:
    told = mail.headers.get("x-alert-severity")
    by_line = [words.state_after(lines[name]) for name in words.SEVERITY_LINES if name in lines]
    known = next((word for word in by_line if reading.severity(word) or word in words.SEVERITIES), None)
    return told or known or words.severity_in(subject)


def _line(lines: dict[str, str], names: Iterable[str]) -> str | None:
    return next((lines[name] for name in names if name in lines), None)


def _link(lines: dict[str, str]) -> str | None:
    found = _line(lines, words.LINK_LINES)
    return found if found and found.startswith(("http://", "https://")) else None
