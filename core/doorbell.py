"""Wake a worker after the commit. A lost ring loses nothing: the reconciler finds due work by state and lease."""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(task: str, *args: Any, queue: str = "interactive") -> None:  # noqa: ANN401 -- JSON-ready ids
    """Name a task to be run after the commit; tasks of higher packages are named, never imported."""
    transaction.on_commit(partial(_send, task, args, queue))


def _send(task: str, args: tuple[Any, ...], queue: str) -> None:
    try:
        current_app.send_task(task, args=args, queue=queue, retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("doorbell did not ring", extra={"task": task, "error": str(error)})
