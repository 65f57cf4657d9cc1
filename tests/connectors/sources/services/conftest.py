from datetime import UTC, datetime

import pytest

from connectors.base import RawDelivery
from connectors.registry import alert_source

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def read():
    """Read a body as a source of that kind would."""
    return lambda kind, body: alert_source(kind).parse(
        RawDelivery(uid="d", source="rented", received_at=NOW, value=body)
    )
