"""What is signed is told to its signer outside the pages, once, whatever the page said (H3)."""

import smtplib

import pytest
from django.core import mail

from approvals import receipts
from approvals.models import ApprovalRequest, Notice
from approvals.services.climb import climb_due
from approvals.services.propose import propose
from approvals.tasks import tell
from audit.services.sequence import sequence_all
from console.env import Mail
from core.actors import PLANNER, POLICY, SYSTEM
from people.services.set_email import set_email
from proof.words import six_words
from tests.approvals.clocks import shift
from tests.approvals.decisions import decide
from tests.approvals.plans import restart, rollback, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


@pytest.fixture
def post(settings, cast):
    settings.MAIL = Mail(host="mail.invalid")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    set_email("ben", "ben@shop.invalid", actor=SYSTEM)


def told() -> None:
    sequence_all()
    tell()


def test_the_signer_gets_the_six_words_by_mail(cast, request_, post):
    decide(request_, cast.ben)
    told()

    (letter,) = mail.outbox
    assert letter.to == ["ben@shop.invalid"]
    assert letter.subject == "Countersign: You approved: revert commit 1a2b3c4 in lab"
    assert " ".join(six_words(request_.change_id)) in letter.body
    assert request_.change_id in letter.body
    assert "revoke the key at once" in letter.body


def test_a_notice_is_marked_so_that_it_never_comes_back_as_an_alert(cast, request_, post):
    decide(request_, cast.ben)
    told()

    headers = mail.outbox[0].message()
    assert (headers["X-Countersign-Notice"], headers["Auto-Submitted"]) == ("yes", "auto-generated")
    assert headers["Message-ID"].startswith("<countersign-notice.")


def test_each_decision_is_told_once_however_often_it_is_looked(cast, request_, post):
    decide(request_, cast.ben)
    for _ in range(3):
        told()

    assert len(mail.outbox) == 1
    assert Notice.objects.get().told_by == "mail"


def test_without_mail_the_terminal_of_the_local_console_says_it(cast, request_, capsys, settings):
    settings.EMBEDDED = True
    decide(request_, cast.cleo, "reject", "No.")
    told()

    said = capsys.readouterr().err
    assert "[to Cleo] Countersign: You rejected: revert commit 1a2b3c4 in lab" in said
    assert " ".join(six_words(request_.change_id)) in said


def test_a_page_that_shows_one_change_and_signs_another_is_found_out(cast, request_, post):
    """The attack of H3 in the embedded mode: the page showed `request_`, and had `other` signed."""
    other = propose(rollback(intent="drop everything", steps=request_.change and rollback().steps), actor=PLANNER)
    decide(other, cast.ben)
    told()

    assert "drop everything" in mail.outbox[0].subject
    assert " ".join(six_words(request_.change_id)) not in mail.outbox[0].body


def test_a_mail_server_that_refuses_is_tried_again_and_loses_nothing(cast, request_, post, monkeypatch):
    def refuse(*_args, **_named):
        raise smtplib.SMTPServerDisconnected

    decide(request_, cast.ben)
    sequence_all()
    with monkeypatch.context() as broken:
        broken.setattr(receipts.EmailMessage, "send", refuse)
        tell()
    assert Notice.objects.get().told_at is None
    shift(monkeypatch, minutes=1)
    tell()

    assert len(mail.outbox) == 1


def test_what_policy_decides_alone_is_told_to_nobody(cast, post):
    propose(restart(), actor=PLANNER)
    told()

    assert not Notice.objects.exists()


def test_whoever_is_asked_is_reminded_outside_the_pages(cast, request_, post, monkeypatch):
    shift(monkeypatch, hours=2, seconds=1)
    climb_due(actor=POLICY)
    told()

    assert [letter.subject for letter in mail.outbox] == ["Countersign: Waits for you: revert commit 1a2b3c4 in lab"]
    assert set(Notice.objects.values_list("person_id", flat=True)) == {
        member.person.pk for member in (cast.ben, cast.cleo, cast.eve, cast.oda)
    }


def test_an_override_is_told_to_everybody(cast, post):
    from tests.approvals.overriders import Overrider

    request = propose(rollback(steps=[step("drop-table", "lab/payments")]), actor=PLANNER)
    Overrider(cast.oda).override(request, "It burns.")
    told()

    about = {notice.person_id: notice.subject for notice in Notice.objects.all()}
    assert about[cast.oda.person.pk].startswith("Countersign: You took on alone")
    assert about[cast.mallory.person.pk].startswith("Countersign: Override by Oda")
    assert len(about) == 7


def test_a_decision_about_a_standing_approval_is_told_too(cast, post):
    from approvals.services.propose_standing import propose_standing
    from tests.approvals.services.test_standing import draft, sign

    sign(propose_standing(draft(), actor=cast.ada.actor), cast.ben)
    told()

    assert "You approved: SA-" in mail.outbox[0].subject
