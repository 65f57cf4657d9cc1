"""Strangers' clocks and texts: whatever the spelling, the moment or none, nothing that turns a page, no exception."""

from datetime import UTC, datetime

import pytest

from connectors import reading

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+0100",
        "2026-03-01 12:00:00 UTC",
        "2026-03-01 12:00:00 (UTC)",
        "2026-03-01 12:00:00 +0000 UTC",
        "2026-03-01 12:00:00.000000123 +0000 UTC m=+0.000000001",
        "2026-03-01T13:00:00+01.00",
        "2026-03-01T14:00:00Z+2",
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Sun Mar  1 12:00:00 2026",
        "Sun Mar 1 13:00:00 CET 2026",
        "03/01/2026 12:00:00 PM",
        "Mar 1, 2026 12:00:00 PM UTC",
        "2026/03/01 12:00:00",
        "2026.03.01 12:00:00",
        "1772366400",
        "1772366400.0",
        "1772366400000",
        1772366400,
        1772366400000,
    ],
)
def test_a_moment_is_read_in_any_spelling(told):
    found, quality = reading.moment(told, NOW)

    assert (found, quality in {"given", "parsed"}) == (NOON, True)


@pytest.mark.parametrize(
    "told",
    [
        "12",
        "noon",
        "March",
        "12:00",
        "2026-13-45",
        "Sun 2026 2026 2026",
        "9" * 300,
        "2026" * 50,
        "20260301T",
        "1e9",
        160513393115100000,
        "17671825200000000",
        [],
        {},
        True,
    ],
)
def test_what_is_no_moment_is_none_and_never_raises(told):
    assert reading.moment(told, NOW)[0] is None


@pytest.mark.parametrize(
    ("word", "wanted"), [("SEV-1", "high"), ("sev 0", "critical"), ("Severity 2", "warning"), ("P0", "critical")]
)
def test_a_numbered_severity_is_read_in_any_spelling(word, wanted):
    assert reading.severity(word) == wanted


@pytest.mark.parametrize("nasty", ["\u202e", "\u2066", "\x07", "\x1b", "\x9b", "\u2028"])
def test_what_would_turn_or_hide_our_own_words_is_replaced_and_said(nasty):
    notes = reading.Notes()

    assert reading.text(f"disk{nasty}full", 300, notes, "service") == "disk\ufffdfull"
    assert reading.labels({f"a{nasty}": f"b{nasty}c"}, notes) == {"a\ufffd": "b\ufffdc"}
    assert "Control characters in the service were replaced by U+FFFD." in notes.said


def test_a_title_is_one_line_and_a_description_keeps_its_own():
    notes = reading.Notes()

    assert reading.title(["Disk  full\r\non\twh-1 "], notes) == "Disk full on wh-1"
    assert reading.text("one\n\ttwo", 300, notes, "description") == "one\n\ttwo"
    assert not notes.said
