"""The executor at work: follow the log, carry out what is due, show signs of life; a process or thread of its own."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import DatabaseError, connection

from agents.execution import bell, clocks, presence
from agents.execution.follower import follow
from agents.models.remediation import ACTING
from agents.services.advance import advance
from agents.services.reconcile import due
from core import clock
from core.errors import ConsoleError

log = logging.getLogger(__name__)

IDLE_S = 0.2
TAKEN_S = 2.0
RENEW_EVERY_S = 2.0
AT_ONCE = 4


class ExecutorLoop:
    """Runs until it is asked to leave; then each run under way finishes its step and is given back."""

    def __init__(self) -> None:
        self._running: dict[int, Future[bool]] = {}
        self._renewed = -RENEW_EVERY_S
        self._trouble = ""
        self._size = 0

    def run(self) -> None:
        """Work until somebody calls `presence.ask_to_leave`.

        Raises:
            TakenError: Another executor works in this state folder.
        """
        presence.stay()
        try:
            with presence.folder_locked(), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="executor") as pool:
                while not presence.leaving():
                    bell.wait(self._turn(pool))
            presence.give_back()
        finally:
            connection.close()

    def _turn(self, pool: ThreadPoolExecutor) -> float:
        """Do what is due now; returns how long to wait for more."""
        try:
            self._hold()
            self._follow()
            self._take_up(pool)
        except presence.TakenError as error:
            self._say(error.detail)
            return TAKEN_S
        except DatabaseError as error:
            log.warning("the database does not answer the executor", extra={"error": str(error)})
            connection.close()
            return TAKEN_S
        return IDLE_S

    def _hold(self) -> None:
        if clock.monotonic() - self._renewed >= RENEW_EVERY_S:
            presence.take()
            clocks.save()
            presence.report(size=self._size, trouble=self._trouble)
            self._renewed = clock.monotonic()

    def _follow(self) -> None:
        try:
            self._size = follow()
            self._say("")
        except ConsoleError as error:
            self._say(error.detail)

    def _say(self, trouble: str) -> None:
        """Log what is wrong once, and show it to whoever asks whether we are ready."""
        if trouble == self._trouble:
            return
        self._trouble, self._renewed = trouble, -RENEW_EVERY_S
        if trouble:
            log.critical("the executor refuses everything", extra={"why": trouble})

    def _take_up(self, pool: ThreadPoolExecutor) -> None:
        self._running = {pk: future for pk, future in self._running.items() if not future.done()}
        for pk in due(ACTING):
            if pk not in self._running and len(self._running) < AT_ONCE:
                self._running[pk] = pool.submit(_advance, pk)


def _advance(pk: int) -> bool:
    try:
        return advance(pk, ACTING)
    except DatabaseError as error:  # the lease runs out and it is taken up again
        log.warning("the executor lost the database", extra={"remediation": pk, "error": str(error)})
        return False
    finally:
        bell.ring_now()
        connection.close()


def in_a_thread() -> threading.Thread:
    """The executor of the embedded mode, ready to be started."""
    return threading.Thread(target=ExecutorLoop().run, name="executor", daemon=True)
