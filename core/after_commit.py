"""Do something once after a commit, however often the transaction asks for it."""

from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction

Deed = TypeVar("Deed", bound=Callable[[], None])


def waiting(kind: type[Deed]) -> list[Deed]:
    """What is to be done of this kind after the commit, whatever happens to savepoints within this one."""
    here = set(connection.savepoint_ids)
    return [deed for savepoints, deed, *_ in connection.run_on_commit if savepoints <= here and isinstance(deed, kind)]


def once(deed: Callable[[], None]) -> None:
    """Do it after the commit, unless an equal deed waits already."""
    if deed not in waiting(type(deed)):
        transaction.on_commit(deed)
