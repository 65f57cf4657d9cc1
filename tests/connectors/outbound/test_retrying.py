"""What follows from an attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.outbound.retrying import LONGEST_ASKED, MOST_ATTEMPTS, Answer, asked_to_wait, verdict

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def judged(status=500, attempts=1, chance=0.5, **more):
    return verdict(Answer(status=status, **more), attempts=attempts, now=NOW, chance=chance)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_done(status):
    assert judged(status).is_done


@pytest.mark.parametrize("status", [0, 100, 301, 302, 307, 308, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504])
def test_everything_else_is_tried_again_and_says_why(status):
    found = judged(status, trouble="Nobody there." if not status else "")

    assert not found.is_done
    assert found.at is not None
    assert found.why


def test_the_waits_grow_to_an_hour_and_last_longer_than_an_outage_of_hours():
    waits = [(judged(attempts=number).at - NOW).total_seconds() for number in range(1, MOST_ATTEMPTS)]

    assert waits[:4] == [5, 15, 45, 135]
    assert waits == sorted(waits)
    assert max(waits) == 3600
    assert timedelta(hours=8) < timedelta(seconds=sum(waits)) < timedelta(hours=24)


def test_those_who_failed_together_do_not_come_back_together():
    soon, late = judged(attempts=5, chance=0.0).at, judged(attempts=5, chance=1.0).at

    assert (soon - NOW).total_seconds() == pytest.approx(405 * 0.8)
    assert (late - NOW).total_seconds() == pytest.approx(405 * 1.2)


def test_it_stops_after_the_last_attempt():
    found = judged(attempts=MOST_ATTEMPTS)

    assert (found.is_done, found.at) == (False, None)
    assert found.why == f"Given up after {MOST_ATTEMPTS} attempts. It answered 500."


def test_410_stops_at_once():
    assert judged(410).at is None
    assert "410" in judged(410).why


def test_a_redirect_is_not_followed_and_says_so():
    assert "not followed" in judged(302).why


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), ("0", 0), ("", 0), ("soon", 0), ("-5", 0), ("1e9", 0), ("٣", 0), ("9" * 4000, 86400),
        ("Sun, 01 Mar 2026 12:10:00 GMT", 600), ("Sun, 01 Mar 2026 11:00:00 GMT", 0), ("Sun, 99 Mar 2026", 0),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    assert asked_to_wait(header, NOW) == timedelta(seconds=seconds)


def test_retry_after_is_obeyed_within_a_day():
    assert judged(503, retry_after="7200").at == NOW + timedelta(hours=2)
    assert judged(429, retry_after="1").at == NOW + timedelta(seconds=5)
    assert judged(503, retry_after="Sun, 01 Mar 2099 12:00:00 GMT").at == NOW + LONGEST_ASKED
