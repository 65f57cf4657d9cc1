"""What the executor remembers outside the database: whose registry it trusts, and the newest versions it has seen."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from core.errors import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Trusted on first use, then held.

    Attributes:
        root_public: the registry root's public key, PEM; empty before the first use.
        registry_version, policy_version: the highest seen; older ones are refused.
    """

    root_public: str = ""
    registry_version: int = 0
    policy_version: int = 0


def state_dir() -> Path:
    """The executor's own folder, readable by its user alone."""
    folder = Path(settings.STATE_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def pins() -> Pins:
    """What is pinned; nothing before the first use.

    Raises:
        RefusedError: The file is there and cannot be read.
    """
    path = _path()
    if not path.exists():
        return Pins()
    try:
        return Pins(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, OSError) as error:
        detail = f"The executor's pins in {path.name} cannot be read, so nothing is trusted. Restore the file."
        raise RefusedError(detail) from error


def raise_pins(seen: Pins) -> Pins:
    """Pin the root at first use and never go back to an older version; returns what is pinned now.

    Raises:
        RefusedError: Another root is pinned.
    """
    with _turn():
        known = pins()
        if known.root_public and known.root_public != seen.root_public:
            detail = "The key registry has another root than the one that the executor pinned."
            raise RefusedError(detail)
        raised = Pins(
            root_public=seen.root_public,
            registry_version=max(known.registry_version, seen.registry_version),
            policy_version=max(known.policy_version, seen.policy_version),
        )
        if raised != known:
            _write(raised)
        return raised


def _path() -> Path:
    return state_dir() / "pins.json"


@contextmanager
def _turn() -> Iterator[None]:
    with (state_dir() / "pins.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(value: Pins) -> None:
    handle, name = tempfile.mkstemp(dir=state_dir(), prefix="pins.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(value), file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(_path())
    folder = os.open(state_dir(), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
