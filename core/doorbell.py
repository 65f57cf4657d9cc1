"""Wake a worker after the commit. A lost ring loses nothing: the reconciler finds due work by state and lease."""

import logging
from dataclasses import dataclass
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

from core import after_commit

log = logging.getLogger(__name__)


def ring(task: str, *args: Any, queue: str = "interactive") -> None:  # noqa: ANN401 -- JSON-ready ids
    """Name a task to be run after the commit, once; tasks of higher packages are named, never imported."""
    after_commit.once(_Ring(task, args, queue))


def ring_now(task: str, *args: Any, queue: str = "interactive") -> None:  # noqa: ANN401 -- JSON-ready ids
    """The same at once, for those who know that what it is about is committed; no transaction needs to be open."""
    _send(task, args, queue)


@dataclass(frozen=True, slots=True)
class _Ring:
    task: str
    args: tuple[Any, ...]
    queue: str

    def __call__(self) -> None:
        _send(self.task, self.args, self.queue)


def _send(task: str, args: tuple[Any, ...], queue: str) -> None:
    try:
        current_app.send_task(task, args=args, queue=queue, retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("doorbell did not ring", extra={"task": task, "error": str(error)})
