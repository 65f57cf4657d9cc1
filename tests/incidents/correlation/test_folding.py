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
    newest = None if known is None else Known(status=known, last_event_at=NOW)

    assert effect_of(status, NOW + timedelta(seconds=after_s), newest) is effect
