"""What mail means: words count where they are declared, numbers that change do not part alerts, answers are none."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.core.management import call_command

from connectors.base import Outcome, RawDelivery
from connectors.intake import strict_mail
from connectors.reading import Notes
from connectors.registry import ALERT_SOURCES
from connectors.sources.services import email_shapes
from connectors.sources.services import email_words as words
from core import notices
from incidents.events import Severity, Status

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
F, A, R, U = Status.FIRING, Status.ACKNOWLEDGED, Status.RESOLVED, Status.UNCLASSIFIED


def read(body):
    value = strict_mail.parse(body if isinstance(body, bytes) else body.encode())[0]
    return ALERT_SOURCES["email"].parse(RawDelivery(uid="d", source="s", received_at=NOW, value=value))


def told(subject, text="", sender="watch@hosts.example", **headers):
    fields = {"From": sender, "Subject": subject, **{name.replace("_", "-"): said for name, said in headers.items()}}
    return read("".join(f"{name}: {said}\n" for name, said in fields.items()) + f"\n{text}\n")


def event(subject, text="", **more):
    (one,) = told(subject, text, **more).events
    return one


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("** PROBLEM Service Alert: web-1/HTTP is CRITICAL **", F),
        ("** RECOVERY Service Alert: web-1/HTTP is OK **", R),
        ("** ACKNOWLEDGEMENT Host Alert: web-1 is DOWN **", A),
        ("Problem: Host web-1 is DOWN", F),
        ("Resolved in 5m 3s: Host web-1 is DOWN", R),
        ("Updated problem in 5m: Host web-1 is DOWN", F),
        ("[FIRING:2] DiskFull", F),
        ("[RESOLVED] DiskFull is firing", R),
        ("[OK] CPU", R),
        ("[Alerting] CPU", F),
        ("Re: [ops] Fwd: RESOLVED: Disk full", R),
        ("AW: WG: Entwarnung: Kühlhaus", R),
        ("Störung: Kühlhaus", F),
        ("Monitor is UP: shop", R),
        ("Monitor is DOWN: shop", F),
        ("web-1 is back up", R),
        ("Der Dienst ist wieder OK", R),
        ("Check_MK: web-1/HTTP OK -> CRIT", F),
        ("Check_MK: web-1/HTTP CRIT → OK", R),
        ("Backup - OK", R),
        ("INSUFFICIENT DATA: \"cpu\" in EU", Status.PENDING),
        ("Service is NOT OK", F),
        ("Queue is no longer up", F),
        ("[OK] [FIRING] both", U),
        ("Ok so what about the disks", F),
        ("Look up resolved tickets", F),
        ("Not Running Pods 0", F),
        ("Unresolved: old tickets", F),
        ("Weekly report", F),
        ("OKAPI is here", F),
    ],
)  # fmt: skip
def test_a_word_counts_where_a_subject_declares_it(subject, status):
    assert event(subject).status is status


@pytest.mark.parametrize(
    ("subject", "text", "status"),
    [
        ("Service web", "State: OK", R),
        ("Service web", "Status = RESOLVED", R),
        ("Service web", " - State Change:    OK -> ALARM", F),
        ("Service web", "> Trigger status: PROBLEM", F),
        ("Service web", "Notification Type: WHATEVER", U),
        ("Service web", "State: Bavaria", F),
        ("Service web", "everything is ok, status unknown", F),
        ("Service web", "Previous state: OK", F),
        ("OK: web", "State: CRITICAL", U),
        ("PROBLEM: web", "Status: OK", U),
        ("PROBLEM: web", "Status: Down", F),
        ("Service web", "x\n" * 70 + "State: OK", F),
    ],
)
def test_a_line_of_the_text_counts_and_may_not_contradict_the_subject(subject, text, status):
    parsed = told(subject, text)

    assert parsed.events[0].status is status
    assert (status is U) == any("recorded as unclassified" in warning for warning in parsed.warnings)


def test_a_header_of_its_own_counts_before_all_words():
    assert event("DOWN: web", X_Alert_Status="resolved").status is R
    assert event("DOWN: web", X_Alert_State="fröhlich").status is U


@pytest.mark.parametrize(
    ("subject", "text", "severity", "source"),
    [
        ("CRITICAL: web", "", Severity.CRITICAL, "payload"),
        ("[P1] web", "", Severity.CRITICAL, "map"),
        ("P3 - web", "", Severity.WARNING, "map"),
        ("SEV-1 web", "", Severity.HIGH, "map"),
        ("[high] web", "", Severity.HIGH, "payload"),
        ("high load on web", "", Severity.WARNING, "default"),
        ("web", "Severity: Disaster", Severity.CRITICAL, "map"),
        ("web", "Schweregrad: hoch", Severity.HIGH, "map"),
        ("web", "Severity: mauve", Severity.WARNING, "default"),
        ("web", "State: DOWN", Severity.CRITICAL, "map"),
        ("mysql-p1 is slow", "", Severity.WARNING, "default"),
        ("web", "", Severity.WARNING, "default"),
    ],
)
def test_severity_is_declared_or_assumed_and_said_so(subject, text, severity, source):
    one = event(subject, text)

    assert (one.severity, one.severity_source) == (severity, source)


@pytest.mark.parametrize(
    "subjects",
    [
        ["Disk of db-1 at 91 %", "Re: Disk of db-1 at 94.5%", "[ops] RESOLVED: Disk of db-1 at 20 %"],
        ["WARNING: load on web-1 is 5.32", "CRITICAL: load on web-1 is 9", "OK: load on web-1 is 0.1"],
        ["Job #4711 failed at 12:00:07", "Job #4712 failed at 2026-03-01 13:00"],
        ["[FIRING:2] DiskFull", "[RESOLVED] DiskFull", "[FIRING:3] DiskFull"],
        ["Monitor is DOWN: shop", "Monitor is UP: shop"],
        ["Problem: Host web-1 is DOWN", "Resolved in 1h 5m: Host web-1 is DOWN"],
        ["OK -> CRIT: web-1/HTTP", "CRIT -> OK: web-1/HTTP", "OK=>DOWN web-1/HTTP"],
        ["Check_MK: web-1/HTTP OK -> CRIT", "Check_MK: web-1/HTTP CRIT -> OK"],
    ],
)
def test_one_thing_has_one_fingerprint_whatever_its_numbers(subjects):
    assert len({event(subject).fingerprint for subject in subjects}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Disk of db-1 full", "Disk of db-2 full"),
        ("Port 443 closed on web", "Port 80 closed on web"),
        ("[prod] Disk full", "[staging] Disk full"),
        ("Switch 12 is DOWN", "Switch 13 is DOWN"),
        ("DOWN", "CRITICAL"),
        ("", "DOWN"),
    ],
)
def test_two_things_have_two_fingerprints(one, other):
    assert event(one, "text").fingerprint != event(other, "text").fingerprint


def test_the_sender_parts_alerts_and_a_thread_does_not():
    assert event("Disk full").fingerprint != event("Disk full", sender="other@hosts.example").fingerprint
    assert event("Disk full").fingerprint == event("Disk full", In_Reply_To="<1@x>", References="<1@x>").fingerprint
    assert event("Disk full", In_Reply_To="<1@x>").fingerprint != event("Net down", In_Reply_To="<1@x>").fingerprint


@pytest.mark.parametrize(
    ("date", "quality", "at"),
    [
        ("Sun, 1 Mar 2026 12:00:00 +0000", "parsed", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Sun, 1 Mar 2026 12:00:00 +0000 (UTC)", "parsed", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Sun, 1 Mar 2026 07:00:00 EST", "parsed", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Mon, 1 Mar 2027 12:00:00 +0000", "implausible", NOW),
        ("Thu, 1 Jan 1970 00:00:00 +0000", "absent", NOW),
        ("yesterday", "implausible", NOW),
        ("Foo, 99 Bar 99999 99:99:99 +9999", "implausible", NOW),
    ],
)
def test_the_date_is_believed_only_where_it_is_plausible(date, quality, at):
    one = event("DOWN: web", Date=date)

    assert (one.starts_at_quality, one.at) == (quality, at)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Replied (vacation)"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b"},
        {"Content_Type": "message/delivery-status"},
    ],
)
def test_answers_and_bounces_are_no_alerts(headers):
    parsed = told("PROBLEM: web-1 is DOWN", "State: DOWN", **headers)

    assert (parsed.outcome, parsed.events) == (Outcome.IGNORED, ())


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"Precedence": "list"}]
)
def test_what_a_machine_sent_of_itself_may_be_an_alert(headers):
    assert told("PROBLEM: web-1 is DOWN", **headers).outcome is Outcome.EVENTS


def test_our_own_notices_never_come_back_as_alerts(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    subject = f"{notices.SUBJECT}Waits for you: restart gateway"
    EmailMessage(subject, "restart", None, ["ada@shop.invalid"], headers=notices.headers()).send()
    sent = outbox.outbox[0].message()
    own = sent["Message-ID"]
    plain = bytes(sent).replace(b"X-Countersign-Notice: yes\n", b"").replace(notices.MARK.encode(), b"")

    ways = [
        read(bytes(sent)),
        read(plain),
        told("PROBLEM: x", In_Reply_To=own),
        told("PROBLEM: x", References=f"<a@b> {own}"),
        told(f"FW: {subject}"),
        told(f"[ops] Re: {subject}"),
    ]

    assert {parsed.outcome for parsed in ways} == {Outcome.IGNORED}
    assert {"notice of our own" in parsed.warnings[0] for parsed in ways} == {True}


def test_every_word_has_one_meaning():
    listed = [word for said in words.WORDS.values() for word in said.split()]

    assert len(listed) == len(set(listed))


def test_a_line_with_a_link_is_checked_like_any_link():
    assert event("x", "URL: javascript:alert(1)").links == ()
    assert event("x", "URL: https://user:pass@evil.example/").links == ()
    assert [link.url for link in event("x", "URL: https://watch.example/1").links] == ["https://watch.example/1"]


POSTMARK = {"MessageID": "1", "From": "a@b.example", "Subject": "x", "TextBody": "t"}


@pytest.mark.parametrize(
    ("more", "headers", "text"),
    [
        ({"Subject": "a\r\nX-Alert-Status: ok"}, {"subject": "a X-Alert-Status: ok"}, "t"),
        ({"Headers": [{"Name": "Return-Path", "Value": "<>"}, 7, {"Name": 1}]}, {"return-path": "<>"}, "t"),
        ({"Headers": [{"Name": "Cookie", "Value": "x"}]}, {}, "t"),
        ({"TextBody": " ", "HtmlBody": "<p>h<script>x</script>"}, {}, "h"),
        ({"TextBody": None, "HtmlBody": {}, "Attachments": 7}, {}, ""),
    ],
)
def test_what_a_mail_service_posts_is_held_to_the_same_rules(more, headers, text):
    found = email_shapes.mail_in({**POSTMARK, **more}, Notes())

    assert found.headers == {"subject": "x", "message-id": "1"} | headers
    assert (found.text, found.sender) == (text, "a@b.example")


def test_a_raw_message_in_json_that_cannot_be_read_is_a_dead_letter():
    for name in email_shapes.RAW:
        raw = RawDelivery(uid="d", source="s", received_at=NOW, value={name: "no mail"})
        parsed = ALERT_SOURCES["email"].parse(raw)

        assert parsed.outcome is Outcome.REJECT
        assert "does not begin with a header" in parsed.warnings[0]


def test_a_message_is_tried_from_standard_input(monkeypatch, capsys):
    class Stdin:
        buffer = io.BytesIO(b"Subject: DOWN: web\n\nx")

    monkeypatch.setattr("sys.stdin", Stdin)
    call_command("normalise", "email")

    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["outcome"], told["events"][0]["title"]) == ("-", "events", "DOWN: web")
