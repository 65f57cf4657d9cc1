"""Who reopens by hand sends no time of it, and the last occurrence lies before the resolve: our clock counts."""

from datetime import UTC, datetime

import pytest

from connectors.base import RawDelivery
from connectors.registry import ALERT_SOURCES
from incidents.events import Status

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
EARLIER = "2026-03-01T10:00:00Z"
REOPENED = {
    "honeybadger": {
        "event": "unresolved",
        "fault": {"id": 1, "klass": "Error", "created_at": EARLIER, "last_notice_at": EARLIER},
    },
    "rollbar": {
        "event_name": "reopened_item",
        "data": {"item": {"id": 1, "first_occurrence_timestamp": EARLIER, "last_occurrence_timestamp": EARLIER}},
    },
    "sentry": {
        "action": "unresolved",
        "data": {"issue": {"id": "1", "title": "Error", "firstSeen": EARLIER, "lastSeen": EARLIER}},
    },
}


@pytest.mark.parametrize("kind", REOPENED)
def test_what_is_reopened_by_hand_fires_from_now_on(kind):
    delivery = RawDelivery(uid="d", source="s", received_at=NOW, value=REOPENED[kind])

    (event,) = ALERT_SOURCES[kind].parse(delivery).events

    assert (event.status, event.at) == (Status.FIRING, NOW)
