"""Tell open pages what changed: names only, never state; the page fetches the fragment under ordinary permissions."""

import asyncio
import logging
import threading
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from core import after_commit

log = logging.getLogger(__name__)

GROUP = "live"
PATIENCE_S = 2.0

# The loop the sockets of this process live on. An in-memory channel layer's queues belong to that loop:
# a message put in from a worker thread's own loop would not wake the socket.
_home: list[asyncio.AbstractEventLoop] = []


def live_here() -> None:
    """Called on the loop that serves the sockets, so that announcements from worker threads reach it."""
    _home[:] = [asyncio.get_running_loop()]


def changed(*topics: str) -> None:
    """Announce after the commit that these topics changed, such as `queue` or `incident:42`: all in one message.

    A topic that a savepoint undid may be announced all the same; pages read again what they show.
    """
    for announcement in after_commit.waiting(_Announcement):
        announcement.topics.update(topics)
        return
    transaction.on_commit(_Announcement(set(topics)))


@dataclass(slots=True)
class _Announcement:
    topics: set[str]

    def __call__(self) -> None:
        _send(sorted(self.topics))


def ended(*sessions: str) -> None:
    """Announce after the commit that these browser sessions ended, by their public ids: their sockets close."""
    transaction.on_commit(partial(_announce, {"type": "live.ended", "sessions": sorted(set(sessions))}))


def _send(topics: list[str]) -> None:
    _announce({"type": "live.changed", "topics": topics})


def _announce(message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    if _home and _home[0].is_running():
        asyncio.run_coroutine_threadsafe(layer.group_send(GROUP, message), _home[0])
        return
    try:
        asyncio.run_coroutine_threadsafe(layer.group_send(GROUP, message), _own_loop()).result(PATIENCE_S)
    except (OSError, RedisError, TimeoutError) as error:  # pages re-read on reconnect; the truth is in the database
        log.warning("live announcement lost", extra={"announcement": message["type"], "error": str(error)})


@cache
def _own_loop() -> asyncio.AbstractEventLoop:
    """The loop of a process without sockets: one for each announcement, with its own connection, would cost more."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="live", daemon=True).start()
    return loop
