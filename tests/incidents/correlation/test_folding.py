from datetime import UTC, datetime, timedelta

import pytest

from incidents.correlation.folding import Effect, Known, effect_of
from incidents.events import Status

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIRING, RESOLVED, SUPPRESSED, ODD = Status.FIRING, Status.RESOLVED, Status.SUPPRESSED, Status.UNCLASSIFIED


@pytest.mark.parametrize(
    ("status", "after_s", "known", "effect"),
    [
        (FIRING, 0, None, Effect.BEGIN),
        (RESOLVED, 0, None, Effect.RECORD),
        (SUPPRESSED, 0, None, Effect.RECORD),
        (FIRING, 0, FIRING, Effect.COUNT),
        (FIRING, 1, FIRING, Effect.UPDATE),
        (FIRING, -1, FIRING, Effect.COUNT),
        (RESOLVED, 1, FIRING, Effect.RESOLVE),
        (RESOLVED, 0, FIRING, Effect.RESOLVE),
        (RESOLVED, -1, FIRING, Effect.COUNT),
        (RESOLVED, 1, RESOLVED, Effect.COUNT),
        (FIRING, 1, RESOLVED, Effect.BEGIN),
        (FIRING, 0, RESOLVED, Effect.COUNT),
        (FIRING, -1, RESOLVED, Effect.COUNT),
        (SUPPRESSED, 1, FIRING, Effect.UPDATE),
        (FIRING, 1, SUPPRESSED, Effect.UPDATE),
        (ODD, 1, FIRING, Effect.COUNT),
    ],
)
def test_event_time_decides_and_not_the_order_of_arrival(status, after_s, known, effect):
    at = NOW + timedelta(seconds=after_s)

    assert effect_of(status, at, NOW, newest(known)) is effect


@pytest.mark.parametrize(
    ("status", "after_s", "known", "effect"),
    [
        (FIRING, 0, FIRING, Effect.UPDATE),
        (SUPPRESSED, 0, SUPPRESSED, Effect.UPDATE),
        (FIRING, -1, FIRING, Effect.COUNT),
        (RESOLVED, 0, RESOLVED, Effect.COUNT),
        (FIRING, 0, RESOLVED, Effect.COUNT),
    ],
)
def test_of_the_same_moment_the_words_received_last_count(status, after_s, known, effect):
    at = NOW + timedelta(seconds=after_s)

    assert effect_of(status, at, NOW + timedelta(microseconds=1), newest(known)) is effect


def newest(status):
    return None if status is None else Known(status=status, last_event_at=NOW, last_seen_at=NOW)
