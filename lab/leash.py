"""Tie a process to its parent's life, so that nothing of the lab outlives what started it.

Two means, because each has a gap: the kernel's parent-death signal (immediate, survives `exec`, Linux only), and a
thread that watches the parent's id (works everywhere, ends at `exec`).

`python -m lab.leash PROGRAM ARGUMENT…` becomes PROGRAM on such a leash.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

PARENT_VARIABLE = "LAB_PARENT_PID"
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_S = 0.5


def die_with_parent() -> None:
    """End this process at once when the process named in `LAB_PARENT_PID` (or the present parent) ends."""
    parent = int(os.environ.get(PARENT_VARIABLE) or os.getppid())
    _ask_the_kernel()
    watch(parent, _end_now)


def watch(parent: int, then: Callable[[], None]) -> None:
    """Call `then` once, from a thread, when `parent` is no longer the parent of this process."""
    threading.Thread(target=_watch, args=(parent, then), name="leash", daemon=True).start()


def _watch(parent: int, then: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    then()


def _end_now() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _ask_the_kernel() -> None:
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(arguments: list[str]) -> None:
    """Put this process on the leash and become another program; the kernel's half of the leash stays."""
    parent = int(os.environ.get(PARENT_VARIABLE) or os.getppid())
    _ask_the_kernel()
    if os.getppid() != parent:
        sys.exit("the parent ended before the start")
    os.execvp(arguments[0], arguments)  # noqa: S606 -- becoming the program, without a shell, is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
