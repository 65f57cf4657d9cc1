"""How long a source's certificates are good for."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.certificates import Certificate, left_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ending(*days):
    ends = [None if day is None else NOW + timedelta(days=day) for day in days]
    return [Certificate(sha256=f"{number:064x}", ends_at=end) for number, end in enumerate(ends)]


@pytest.mark.parametrize(
    ("days", "left"),
    [
        ((), None),
        ((400,), None),
        ((9,), 9),
        ((-2,), -2),
        ((-2, 9), 9),
        ((9, 400), None),
        ((9, None), None),
        ((None,), None),
    ],
)
def test_it_is_told_when_the_last_of_them_ends_soon(days, left):
    assert left_of(ending(*days), NOW) == (None if left is None else timedelta(days=left))
