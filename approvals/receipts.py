"""Receipts outside the pages: a page that lies about what was signed cannot lie in the signer's mail and terminal too.

Follows the ledger, so that whoever recorded a decision cannot forget to say so.
"""

import logging
import smtplib
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from approvals.models import ApprovalRequest, Change, Notice, StandingApproval
from audit import ledger
from audit.services.follow import FollowedEntry
from core import clock, notices
from people.models import Person
from people.selectors import names
from proof.documents import parse_entry
from proof.words import six_words

log = logging.getLogger(__name__)

FOLLOWER: Final = "receipts"
MOST_ATTEMPTS: Final = 12
SIGNED: Final = frozenset({"decision.recorded", "override.used"})
CALLED: Final = frozenset({"request.reminded", "request.escalated"})
SAID: Final = {"approve": "approved", "reject": "rejected", "abstain": "abstained from", "revoke": "took back"}


def follow() -> int:
    """Make the notices of what is new in the ledger, each entry once; returns how many entries."""
    return ledger.follow(FOLLOWER, _notice, verbs=SIGNED | CALLED)


def deliver(limit: int = 100) -> int:
    """Tell what is due, oldest first; returns how many were told. What fails is tried again later, a dozen times."""
    due = Notice.objects.filter(told_at=None, due_at__lte=clock.now(), attempts__lt=MOST_ATTEMPTS).order_by("pk")
    return sum(_tell(pk) for pk in list(due.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _tell(pk: int) -> bool:
    notice = Notice.objects.select_for_update().filter(pk=pk, told_at=None).first()
    if notice is None:
        return False
    person = Person.objects.filter(pk=notice.person_id).first()
    notice.attempts += 1
    try:
        notice.told_by = _told_over(notice, person)
        notice.told_at = clock.now()
    except (OSError, smtplib.SMTPException) as error:
        notice.due_at = clock.now() + timedelta(seconds=min(3_600, 5 * 2**notice.attempts))
        log.warning("mail was not taken", extra={"notice": notice.pk, "error": type(error).__name__})
    notice.save(update_fields=["attempts", "told_by", "told_at", "due_at"])
    return notice.told_at is not None


def _told_over(notice: Notice, person: Person | None) -> str:
    """Mail where there is a server and an address; the terminal of the console that runs on this computer."""
    if settings.MAIL.host and person is not None and person.email:
        EmailMessage(notice.subject, notice.body, None, [person.email], headers=notices.headers()).send()
        return "mail"
    if settings.EMBEDDED and person is not None:
        sys.stderr.write(f"\n[to {person.name}] {notice.subject}\n{notice.body}\n")
        sys.stderr.flush()
        return "terminal"
    return "nothing"


def _notice(entry: FollowedEntry) -> None:
    if entry.verb in SIGNED and entry.actor.startswith("person:"):
        _receipt(entry, entry.actor.removeprefix("person:"))
    if entry.verb == "override.used":
        _alarm(entry)
    elif entry.verb in CALLED:
        _call(entry)


def _receipt(entry: FollowedEntry, person_id: str) -> None:
    """To the signer: what was recorded in their name."""
    digest, intent = _matter(entry)
    said = SAID.get(str(entry.facts.get("verdict", "")), "took on alone")
    body = (
        f"Recorded in your name at {clock.rfc3339(entry.entry.at)}, record {entry.seq} of the ledger:\n"
        f"  you {said}: {intent}\n"
        f"  six words: {' '.join(six_words(digest))}\n"
        f"  sha256 {digest}, signed with your key {str(entry.facts.get('key', ''))[:16]}\n"
        f"  proof: {settings.PUBLIC_URL}/ledger/entries/{entry.seq}/proof\n"
        "Are these the words that you compared? If not, or if this was not you, revoke the key at once: "
        f"{settings.PUBLIC_URL}/keys/ or ./manage.py key revoke.\n"
    )
    _write([person_id], entry.seq, f"You {said}: {intent}", body)


def _alarm(entry: FollowedEntry) -> None:
    """To everybody: one person took something on alone."""
    digest, intent = _matter(entry)
    who = entry.actor.removeprefix("person:")
    found = names([who]).get(who)
    name = found.name if found else who
    body = (
        f"{name} took this on alone, without the signatures that it needs: {intent}\n"
        f"  why: {entry.facts.get('reason', '')}\n"
        f"  six words: {' '.join(six_words(digest))}\n"
        f"Others review it by {entry.facts.get('review_by', '')}: {settings.PUBLIC_URL}/approvals/\n"
    )
    others = Person.objects.filter(is_active=True).exclude(pk=who).order_by("pk").values_list("pk", flat=True)
    _write(others, entry.seq, f"Override by {name}: {intent}", body)


def _call(entry: FollowedEntry) -> None:
    """To those who are asked: something waits for them."""
    request = ApprovalRequest.objects.select_related("change").filter(pk=entry.subject.partition(":")[2]).first()
    if request is None or not request.is_pending:
        return
    body = (
        f"{request.change.intent}\n"
        f"  risk {request.change.tier}; signatures are collected until {clock.rfc3339(request.expires_at)}.\n"
        f"  six words: {' '.join(six_words(request.change_id))}\n"
        f"Read it and decide: {settings.PUBLIC_URL}/approvals/{request.pk}/\n"
        "Running out of time never approves anything.\n"
    )
    _write(entry.facts.get("to", ()), entry.seq, f"Waits for you: {request.change.intent}", body)


def _matter(entry: FollowedEntry) -> tuple[str, str]:
    """Digest and intent of what an entry is about: a change, or a standing approval."""
    documents = dict(parse_entry(bytes(entry.entry.body)).documents)
    if "change" in documents:
        digest = documents["change"]
        change = Change.objects.filter(pk=digest).first()
        return digest, change.intent if change else "a change"
    digest = documents.get("standing", documents["statement"])
    row = StandingApproval.objects.filter(digest=digest).first()
    return digest, f"{row.name}, {row.intent}" if row else "a standing approval"


def _write(person_ids: Iterable[str], seq: int, subject: str, body: str) -> None:
    line = " ".join(f"{notices.SUBJECT}{subject}".split())[:200]
    now = clock.now()
    Notice.objects.bulk_create(
        [Notice(person_id=person_id, seq=seq, subject=line, body=body, due_at=now) for person_id in person_ids]
    )
