"""The embedded console: web server, worker, beat and executor in one process, nothing to install.

Messages go through memory and may be lost with the process; that is safe because they are doorbells only: due work
is found in the database by state and lease.
"""

import logging
import threading
import time
from typing import Any

import uvicorn
from celery.beat import EmbeddedService, Scheduler
from celery.worker import WorkController

from agents.execution import presence
from agents.execution.loop import in_a_thread
from console.celery import app

log = logging.getLogger(__name__)

THREADS = 4


class Worker(WorkController):
    """A Celery worker that runs in a thread of ours and installs no signal handlers."""

    app = app

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- celery's own options
        self.ready = threading.Event()
        super().__init__(
            pool_cls="threads",
            concurrency=THREADS,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            **options,
        )

    def on_consumer_ready(self, consumer: object) -> None:  # noqa: ARG002 -- celery's hook
        """Celery calls this when tasks are being taken."""
        self.ready.set()


class Console:
    """The servers of the embedded mode, started and stopped together."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.worker = Worker()
        self.beat = EmbeddedService(app, max_interval=1, thread=True, scheduler_cls=Scheduler)
        self.server = uvicorn.Server(
            uvicorn.Config(
                "console.asgi:application",
                host="127.0.0.1",
                port=port,
                ws="websockets-sansio",
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )
        self._worker_thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)
        self._executor_thread = in_a_thread()

    def run(self) -> None:
        """Serve until interrupted, then stop everything in order."""
        self._worker_thread.start()
        self.worker.ready.wait(10)
        self.beat.start()  # type: ignore[union-attr]  # typed as if it could lack start
        self._executor_thread.start()
        try:
            self.server.run()
        except KeyboardInterrupt:
            log.info("interrupted")
        finally:
            presence.ask_to_leave()
            self.beat.stop()
            self.worker.stop()
            self._executor_thread.join(timeout=5)
            self._worker_thread.join(timeout=5)

    def wait_until_serving(self, limit_s: float) -> bool:
        """Whether the web server took its port within the limit."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if self.server.started:
                return True
            time.sleep(0.05)
        return False
