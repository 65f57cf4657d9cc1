"""Ports for the lab's processes: below the range that the kernel gives out by itself, and the same at every start."""

import json
import random
import socket
from pathlib import Path

LOWEST, HIGHEST = 15_000, 32_000
_TRIES = 200


class NoPortsError(Exception):
    """No free ports could be had."""


def choose(names: tuple[str, ...], remembered: Path, base: int | None) -> dict[str, int]:
    """Ports by name: those of the last start when they are free, else a free run of them.

    Args:
        names: of the processes.
        remembered: the file that keeps them for the next start.
        base: the first port when somebody asked for one; then it is that or nothing.

    Raises:
        NoPortsError: The wanted ones are taken, or nothing was free.
    """
    if base is not None:
        wanted = _run(names, base)
        taken = [str(port) for port in wanted.values() if not is_free(port)]
        if taken:
            message = f"Port {', '.join(taken)} is taken. Choose another --base-port, or leave it out."
            raise NoPortsError(message)
    else:
        wanted = _remembered(names, remembered) or _search(names)
    remembered.write_text(json.dumps(wanted) + "\n")
    return wanted


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _remembered(names: tuple[str, ...], path: Path) -> dict[str, int]:
    try:
        ports = json.loads(path.read_text())
        wanted = {name: int(ports[name]) for name in names}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return wanted if all(is_free(port) for port in wanted.values()) else {}


def _search(names: tuple[str, ...]) -> dict[str, int]:
    chance = random.SystemRandom()
    for _ in range(_TRIES):
        wanted = _run(names, chance.randrange(LOWEST, HIGHEST, 10))
        if all(is_free(port) for port in wanted.values()):
            return wanted
    message = f"No free ports between {LOWEST} and {HIGHEST}."
    raise NoPortsError(message)


def _run(names: tuple[str, ...], base: int) -> dict[str, int]:
    return {name: base + index for index, name in enumerate(names)}
