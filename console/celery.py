"""The Celery application. Messages are doorbells; the database holds the work."""

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

OFTEN = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 3.0}
"""Seconds between looks for a broker that is gone. Kombu's own grow to 30: so long work would wait once it is back."""


class Steady(Connection):
    """A connection of workers and beat, which look for a lost broker every few seconds, however long it is gone."""

    def ensure_connection(self, *args: Any, **options: Any) -> "Steady":  # noqa: ANN401 -- kombu's signature
        """The same, more often."""
        super().ensure_connection(*args, **{**OFTEN, **options})
        return self


class Messages(AMQP):
    """Celery's, with our connection."""

    Connection = Steady


app = Celery("console", amqp=Messages)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["audit", "incidents", "approvals", "connectors", "agents", "console"])
app.steps["worker"].add("console.startup:SafeStart")
