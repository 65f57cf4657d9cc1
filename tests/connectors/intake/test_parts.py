"""Multipart forms: every field as the text that it was sent as, of files the names, and nothing read two ways."""

import pytest

from connectors.intake.envelopes import opened
from connectors.intake.parts import fields
from core.errors import BadInputError

MEDIA = "multipart/form-data"


def part(name, value, more=""):
    return f'--b7\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--b7--\r\n"


def test_each_field_is_read_in_the_charset_that_the_form_names_for_it():
    body = form(
        part("text", "Kühlhaus".encode("latin-1")),
        part("html", "雪".encode("shift_jis")),
        part("from", "Störung".encode()),
        part("charsets", b'{"text":"iso-8859-1","html":"shift_jis"}'),
    )

    told, warnings = fields(body)

    assert (told["text"], told["html"], told["from"], warnings) == ("Kühlhaus", "雪", "Störung", ())


@pytest.mark.parametrize("charsets", [b'{"text":"rot13"}', b'{"text":7}', b"[]", b""])
def test_what_no_charset_explains_is_replaced_and_said(charsets):
    told, warnings = fields(form(part("text", b"K\xfchl"), part("charsets", charsets)))

    assert told["text"] == "K\ufffdhl"
    assert "replaced" in warnings[0]


def test_a_file_is_its_name_and_nothing_of_what_is_in_it():
    body = form(part("a", b"1"), part("attachment1", b"\x00<script>\xff", '; filename="../../etc/kühl.png"'))

    assert fields(body) == ({"a": "1", "attachment1": "kühl.png"}, ())


def test_a_nul_in_a_field_is_replaced_and_said():
    told, warnings = opened(form(part("a", b"x\0y"), part("b", b"1")), MEDIA)

    assert told["a"] == "x\ufffdy"
    assert "NUL" in warnings[0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "begin with its boundary"),
        (b'{"a": 1}', "begin with its boundary"),
        (b"\r\n--b7\r\n", "begin with its boundary"),
        (b"--" + b"b" * 71 + b"\r\n", "begin with its boundary"),
        (b'--b"7\r\n', "begin with its boundary"),
        (form(), "empty"),
        (b"--b7\r\n--b7--\r\n", "empty"),
        (form(part("a", b"1"), part("a", b"2")), "'a' twice"),
        (form(part("a", b"1"), part("a", b"2", '; filename="x"')), "'a' twice"),
        (form(*(part(f"a{number}", b"1") for number in range(101))), "more than 100"),
        (form(*(part(f"a{number}", b"1", '; filename="x"') for number in range(101))), "cannot be read: TooManyFiles"),
        (form(*(part(f"a{number}", b"1") for number in range(2_000))), "cannot be read: TooManyFields"),
        (form(part("a", b"1"), part("charsets", b'{"a":')), "JSON"),
    ],
)
def test_what_cannot_be_read_or_can_be_read_two_ways_is_refused(body, says):
    with pytest.raises(BadInputError) as refused:
        fields(body)

    assert says in refused.value.detail


def test_a_form_without_an_end_is_read_as_far_as_it_goes():
    assert fields(part("a", b"1") + b'--b7\r\nContent-Disposition: form-data; name="b"\r\n\r\nhalf')[0]["a"] == "1"
