"""One deed at a time in a process, and not again at once: who asks meanwhile is served by the round after."""

import threading
import time
from collections.abc import Callable

from core import clock


class Rounds:
    """Rounds of a deed that takes all that waits, such as placing entries; a round for each asker would cost more.

    Whoever asks is served by a round that begins after he asked: by his own, or by that of another thread, for which
    he does not wait. If a round fails, its error reaches the thread that ran it, and no other.

    Args:
        deed: what is done.
        gap_s: seconds from the end of a round to the next one, at least.
    """

    def __init__(self, deed: Callable[[], object], *, gap_s: float) -> None:
        self._deed, self._gap_s = deed, gap_s
        self._lock = threading.Lock()
        self._runs = self._wanted = False
        self._ended = -gap_s

    def ask(self) -> None:
        """Have it done: now, or as soon as the gap is over."""
        with self._lock:
            if self._runs:
                self._wanted = True
                return
            self._runs = self._wanted = True
        failed = True
        try:
            while self._next():
                self._deed()
                self._ended = clock.monotonic()
            failed = False
        finally:
            if failed:  # else another thread may be at it already
                self._runs = False

    def _next(self) -> bool:
        """Whether another round is due; it waits for its time, and from then on counts who asks anew."""
        with self._lock:
            self._runs = self._wanted
            if not self._wanted:
                return False
        time.sleep(max(0.0, self._ended + self._gap_s - clock.monotonic()))
        with self._lock:
            self._wanted = False
        return True
