"""What each process of the console makes sure of before it serves or works."""

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import bootsteps
from django.db import connection

from people.checks import refuse_demo_people


def require_safe_start() -> None:
    """Refuse to start a production process on a database of demo people.

    The question is put in a thread of its own: uvicorn loads us in its event loop, where Django does not query.

    Raises:
        ImproperlyConfigured: The database holds demo people.
        OperationalError: The database cannot be asked, so nothing is known; the process manager tries again.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(_ask).result()


def set_loaded_aside() -> None:
    """Take all that is loaded out of the garbage collector's sight.

    It stays as long as the process does, and would be looked through again and again. What a request or a task makes is
    collected as before. https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()


def _ask() -> None:
    try:
        refuse_demo_people()
    finally:
        connection.close()


class SafeStart(bootsteps.Step):
    """The same for a worker, before its pool and its consumer are made."""

    def __init__(self, parent: Any, **options: Any) -> None:  # noqa: ANN401 -- celery's signature
        require_safe_start()
        set_loaded_aside()
        super().__init__(parent, **options)
