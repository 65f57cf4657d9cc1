"""Wake the executor of this process at once; one in another process looks by itself a few times a second."""

import threading

from django.db import transaction

_bell = threading.Event()


def ring() -> None:
    """There is something to carry out; heard after the commit."""
    transaction.on_commit(_bell.set)


def ring_now() -> None:
    """Heard at once; for whoever holds no transaction."""
    _bell.set()


def wait(seconds: float) -> None:
    """Wait until it rings, or for so long."""
    _bell.wait(seconds)
    _bell.clear()
