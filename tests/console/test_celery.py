"""A broker that was gone is found again soon."""

import pytest
from kombu import Connection

from console.celery import OFTEN, app


@pytest.mark.parametrize("kind", ["connection_for_read", "connection_for_write"])
def test_workers_and_beat_look_for_a_lost_broker_every_few_seconds(kind, monkeypatch):
    asked = []
    monkeypatch.setattr(Connection, "_ensure_connection", lambda _self, *_, **options: asked.append(options))

    with getattr(app, kind)() as connection:
        connection.ensure_connection(None, app.conf.broker_connection_max_retries)

    assert asked == [OFTEN]
    assert OFTEN["interval_max"] <= 5
    assert app.conf.broker_connection_max_retries is None
