"""Strangers' clocks: whatever the spelling, the moment or none, and never an exception."""

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
        [],
        {},
        True,
    ],
)
def test_what_is_no_moment_is_none_and_never_raises(told):
    assert reading.moment(told, NOW)[0] is None
