"""Mail that is odd, large or hostile: read within bounds, or refused with a reason."""

import time

import pytest

from connectors.intake import strict_mail
from connectors.intake.strict_mail import parse
from core.errors import BadInputError

HEAD = b"From: Watch <watch@hosts.example>\r\nSubject: Disk full\r\n"


def mixed(*parts, kind=b"mixed", boundary=b"b"):
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/%s; boundary=%s\r\n\r\n%s--%s--\r\n" % (kind, boundary, inner, boundary)


def nested(depth):
    body = b"Content-Type: text/plain\r\n\r\ndeep\r\n"
    for level in range(depth):
        body = mixed(body, boundary=b"b%d" % level)
    return HEAD + body


def headers(**fields):
    return HEAD + b"".join(name.replace("_", "-").encode() + b": " + value + b"\r\n" for name, value in fields.items())


def test_a_plain_message_is_read():
    mail, notes = parse(HEAD + b"Date: Sun, 1 Mar 2026 12:00:00 +0000\r\n\r\nfull\r\n")

    assert (mail.sender, mail.text, mail.media, notes) == ("watch@hosts.example", "full", "text/plain", ())
    assert mail.headers == {"subject": "Disk full", "date": "Sun, 1 Mar 2026 12:00:00 +0000"}


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_lines_may_end_as_pipes_or_as_the_wire_end_them(ends):
    mail, _ = parse((HEAD + b"\r\none\r\ntwo\r\n").replace(b"\r\n", ends))

    assert (mail.headers["subject"], mail.text) == ("Disk full", "one\ntwo")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b'{"title": "x"}', "does not begin with a header"),
        (b"\r\nSubject: x\r\n\r\nx", "does not begin with a header"),
        (b"\xef\xbb\xbfSubject: x\r\n\r\nx", "does not begin with a header"),
        (b"\xff\xfeS\x00u\x00b\x00", "does not begin with a header"),
        (HEAD + b"X: y\rX-Alert-Status: ok\r\n\r\nx", "carriage return"),
        (HEAD + b"X: y\r\n" * 501 + b"\r\nx", "more than 500 fields"),
        (HEAD + b"X: " + b"y" * 200_000 + b"\r\n\r\nx", "longer than 200,000"),
        (HEAD + b"\r\n" + b"\n" * 100_001, "100,000 lines"),
        (HEAD + b"\r\n" + b"\r" * 100_001, "100,000 lines"),
        (nested(21), "more than 20"),
        (HEAD + mixed(*[b"\r\nx"] * 101), "more than 100 parts"),
        (HEAD + b"Content-Type: " + b"(" * 2000 + b"\r\n\r\nx", "longer than 1,500"),
        (HEAD + b"Content-Type: text/plain; name*\r\n\r\nx", "malformed (IndexError)"),
        (HEAD + b"Content-Type: " + b"(" * 1400 + b"\r\n\r\nx", "malformed (RecursionError)"),
    ],
)
def test_what_is_no_mail_or_beyond_a_bound_is_refused(body, says):
    with pytest.raises(BadInputError) as refused:
        parse(body)

    assert says in refused.value.detail
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize("body", [nested(20), HEAD + mixed(*[b"\r\nx"] * 99), headers(X=b"y" * 190_000) + b"\r\nx"])
def test_what_keeps_within_the_bounds_is_read(body):
    assert parse(body)[0].headers["subject"] == "Disk full"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"=?utf-8?q?a=0D=0AX-Alert-Status:_ok?=", "a X-Alert-Status: ok"),
        (b"=?utf-8?b?YQ0KQmNjOiB4?=", "a Bcc: x"),
        (b"folded\r\n over\r\n\tlines", "folded over lines"),
        (b"=?utf-8?q?St=C3=B6rung?= =?iso-8859-1?q?_S=FCd?=", "Störung Süd"),
        ("Störung".encode(), "Störung"),
        (b"St\xf6rung", "St\ufffdrung"),
        (b"=?utf-8?q?a=00b?=", "a\ufffdb"),
        (b"=?utf-8?q?=F0=28?=", "\ufffd("),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"=?utf-8?q?=E2=80=AEtxt?= =?utf-8?q?=E2=80=A8x?=", "\u202etxt x"),
    ],
)
def test_a_subject_becomes_one_line_of_text(raw, shown):
    mail, _ = parse(b"From: a@b.example\r\nSubject: " + raw + b"\r\n\r\nx")

    assert mail.headers == {"subject": shown}


@pytest.mark.parametrize(
    "codec", [b"unicode-escape", b"zlib", b"base64", b"punycode", b"idna", b"utf-16", b"undefined"]
)
def test_a_codec_that_is_no_charset_does_no_harm_in_a_subject(codec):
    mail, _ = parse(b"Subject: =?" + codec + b"?b?XHVkODAwCg==?=\r\n\r\nx")

    assert mail.headers["subject"].encode("utf-8")
    assert mail.headers["subject"].isprintable() or "\ufffd" in mail.headers["subject"]


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (b"Watch@Hosts.example", "watch@hosts.example"),
        (b'"a@evil.example" <real@hosts.example>', "real@hosts.example"),
        (b"=?utf-8?q?a=40evil.example?= <real@hosts.example>", "real@hosts.example"),
        (b"root@web-1 (Cron Daemon)", "root@web-1"),
        (b"a@x.example, b@y.example", "a@x.example"),
        (b"(c): ", "(c):"),
        (b'"', '"'),
        (b"<[x@microsoft.example]>", "[x@microsoft.example]"),
        (b"", ""),
        (b"root", "root"),
    ],
)
def test_the_sender_is_the_address_and_not_what_stands_beside_it(raw, sender):
    assert parse(b"Subject: x\r\nFrom: " + raw + b"\r\n\r\nx")[0].sender in {sender, ""}


@pytest.mark.parametrize(
    ("charset", "data", "text", "note"),
    [
        (b"utf-8", "Kühlhaus".encode(), "Kühlhaus", ""),
        (b"iso-8859-1", b"K\xfchlhaus", "Kühlhaus", ""),
        (b"windows-1252", b"\x80 5", "€ 5", ""),
        (b"us-ascii", "Kühlhaus".encode(), "Kühlhaus", ""),
        (b"us-ascii", b"K\xfchlhaus", "K\ufffdhlhaus", "no utf-8"),
        (b"utf-8", b"K\xfchlhaus", "K\ufffdhlhaus", "no utf-8"),
        (b"x-plant", b"K\x84hl", "K\ufffdhl", "'x-plant' is not known"),
        (b"punycode", b"abc-def", "abc-def", "'punycode' is not known"),
        (b"unicode_escape", rb"\ud800", rb"\ud800".decode(), "'unicode_escape' is not known"),
        (b"utf-7", b"+AGE-", "+AGE-", "'utf-7' is not known"),
        (b"utf-8", b"a\0b", "a\ufffdb", "NUL"),
    ],
)
def test_a_charset_is_known_or_replaced_and_said(charset, data, text, note):
    kind = b"text/plain; charset=" + charset
    mail, notes = parse(headers(Content_Type=kind, Content_Transfer_Encoding=b"8bit") + b"\r\n" + data)

    assert mail.text == text
    assert note in " ".join(notes)
    assert bool(note) == bool(notes)


def test_plain_text_is_preferred_and_attachments_are_named_only():
    alternative = mixed(b"Content-Type: text/html\r\n\r\n<b>no</b>", b"\r\nyes", kind=b"alternative", boundary=b"i")
    attached = b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nsecret"
    message = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner"

    mail, _ = parse(HEAD + mixed(alternative, attached, message))

    assert (mail.text, mail.attachments) == ("yes", ("a.txt", "message/rfc822"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (b"<p>a<p>b", "a\nb"),
        (b"a<br>b<script>evil()</script>c", "a\nbc"),
        (b"<style>x</style><title>y</title>1 &lt; 2 &amp;amp; &#x202e;", "1 < 2 &amp; \u202e"),
        (b"<img src=x onerror=alert(1)>ok", "ok"),
        (b"1 < 2 and <b", "1 < 2 and <b"),
        (b"<!-- <script> -->a<!-- open", "a"),
        (b"<![CDATA[x]]>a<!DOCTYPE x>b<?php c ?>", "a b"),
        (b"<scr<script>ipt>alert(1)</script>a", "<scra"),
        (b"<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_html_is_reduced_to_what_it_says(html, text):
    assert parse(headers(Content_Type=b"text/html") + b"\r\n" + html)[0].text == text


def test_long_text_is_cut_and_said():
    mail, notes = parse(HEAD + b"\r\n" + b"x" * 60_000)

    assert len(mail.text) == strict_mail.mail_text.LONGEST_TEXT
    assert "cut at 50,000" in notes[0]


def test_the_first_of_two_fields_counts():
    mail, notes = parse(HEAD + b"Subject: Another\r\n\r\nx")

    assert mail.headers["subject"] == "Disk full"
    assert "more than one Subject" in notes[0]


@pytest.mark.parametrize(
    "evil",
    [
        b"Content-Type: text/html\r\n\r\n" + b"<a " * 60_000,
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * 45_000,
        b"Content-Type: text/html\r\n\r\n" + b"&#" * 90_000,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUFB" * 220_000,
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=41" * 290_000,
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n" + (b"M" + b"!" * 60 + b"\r\n") * 14_000,
        mixed(*[b"Content-Type: text/plain" + b'; a="b"' * 210 + b"\r\n\r\nx"] * 13),
        b"\r\n" + b"a\n" * 99_000,
    ],
)
def test_no_message_keeps_the_parser_long(evil):
    began = time.process_time()
    parse(HEAD + evil)

    assert time.process_time() - began < 5
