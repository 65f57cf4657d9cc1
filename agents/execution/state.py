"""The executor's own folder, outside the database: small files that survive a crash whole or not at all."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from core.errors import RefusedError


def state_dir() -> Path:
    """The folder, readable by its user alone."""
    folder = Path(settings.STATE_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read(name: str) -> dict[str, Any] | None:
    """What a file of the folder holds; None if it is not there.

    Raises:
        RefusedError: It is there and cannot be read; then nothing is trusted.
    """
    path = state_dir() / name
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise unreadable(name) from error
    if not isinstance(found, dict):
        raise unreadable(name)
    return cast("dict[str, Any]", found)


class StateError(RefusedError):
    """A file of the executor's own does not hold what it wrote; nothing is trusted until it does."""

    code, title = "state", "The executor's memory cannot be read"


def unreadable(name: str) -> StateError:
    """What to raise where a file does not hold what the executor wrote."""
    return StateError(
        f"The executor's own {name} cannot be read, so nothing is trusted. Restore the file from your backup."
    )


def write(name: str, value: Mapping[str, Any]) -> None:
    """Write a file so that after a crash it holds the old content or the new, never a mixture."""
    handle, draft = tempfile.mkstemp(dir=state_dir(), prefix=f"{name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(dict(value), file)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(state_dir() / name)
    folder = os.open(state_dir(), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def turn(name: str) -> Iterator[None]:
    """Be the only one of all threads and processes here who changes what the name stands for."""
    with (state_dir() / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
