"""PostgreSQL's times as datetimes, by our loader and in our connections."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from psycopg import DataError

from core.postgresql.base import TimeLoader


def loaded(text: str) -> datetime:
    return TimeLoader(0).load(memoryview(text.encode()))


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-11-22 02:01:56+00", 0),
        ("2026-11-22 02:01:56.2+00", 200_000),
        ("2026-11-22 02:01:56.000001+00", 1),
        ("2026-11-22 02:01:56.28700+00", 287_000),
    ],
)
def test_a_time_is_read_to_the_microsecond(text, micros):
    assert loaded(text) == datetime(2026, 11, 22, 2, 1, 56, micros, UTC)


@pytest.mark.parametrize("offset", ["+02", "+02:00", "+02:00:00"])
def test_a_time_of_another_zone_comes_in_utc(offset):
    found = loaded(f"2026-11-22 02:01:56{offset}")

    assert found == datetime(2026, 11, 22, 2, 1, 56, 0, timezone(timedelta(hours=2)))
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "10000-01-01 00:00:00+00"])
def test_what_no_datetime_can_hold_is_refused(text):
    with pytest.raises(DataError):
        loaded(text)


@pytest.mark.django_db
def test_our_connections_read_what_they_wrote():
    if connection.vendor != "postgresql":
        pytest.skip("a loader of PostgreSQL's")
    told = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 7, 20, 20, 17, 40, 5, UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ]

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, %s::timestamptz, %s::timestamptz, NULL::timestamptz", told)
        assert cursor.fetchone() == (*told, None)
        adapters = cursor.cursor.adapters
    assert adapters.get_loader(1184, 0) is TimeLoader
