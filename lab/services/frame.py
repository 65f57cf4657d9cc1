"""The frame that all services share: routes, metrics, logs, configuration, faults, memory limit, orderly end."""

import asyncio
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop
from prometheus_client import generate_latest

from lab import clock, layout, leash
from lab.services.configuration import Source
from lab.services.journal import Journal
from lab.services.memory import MEGABYTE, Memory, heap_bytes
from lab.services.metrics import Metrics
from lab.wire import Client, UpstreamError

JsonMap = dict[str, Any]  # Any: JSON of our own processes, read field by field
Reply = tuple[int, object]
Send = Callable[[JsonMap], Awaitable[None]]
Receive = Callable[[], Awaitable[JsonMap]]

_TICK_S = 0.25
_REPORT_EVERY = 40  # ticks
_OUT_OF_MEMORY_STATUS = 137


class Service(ABC):
    """One process of the shop.

    A subclass answers `serve`, and may name `faults` (switches in this process's memory, off at every start) and
    `tick` (work four times a second).
    """

    name = ""
    faults: tuple[str, ...] = ()

    def __init__(self) -> None:
        place = layout.here()
        self.instance = layout.read_instance(place)
        self.started = clock.timestamp()
        self.journal = Journal(self.name)
        self.memory = Memory(256 * MEGABYTE)
        self.active: dict[str, bool] = dict.fromkeys(self.faults, False)
        self.metrics = Metrics(started=self.started, heap=heap_bytes, limit=lambda: self.memory.limit_bytes)
        self._source = Source(place.published(self.name))
        self._served = 0
        self._failed = 0
        self._reload()

    @abstractmethod
    async def serve(self, path: str, order: JsonMap) -> Reply:
        """Answer one request of the shop's business; (404, …) for paths that it does not know."""

    async def tick(self) -> None:  # noqa: B027 -- most services have nothing to do in it
        """Background work, four times a second."""

    def describe_faults(self) -> JsonMap:
        """The state of this process's faults, for `lab status`."""
        return dict(self.active)

    def neighbour(self, name: str) -> Client:
        """A client for another service; patient enough to bridge its restart."""
        return Client(self.instance.ports[name], patience_s=6.0)

    def _reload(self) -> None:
        fresh = self._source.changed()
        if fresh is None:
            return
        self.config = fresh
        self.memory.limit_bytes = fresh.number("heap_limit_mb") * MEGABYTE
        self.metrics.revision.info({"revision": fresh.revision})
        self.journal.info("configuration in force", revision=fresh.revision, **fresh.values)

    async def __call__(self, scope: JsonMap, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        if path == "/metrics":
            await _answer(
                send, 200, generate_latest(self.metrics.registry), b"text/plain; version=0.0.4; charset=utf-8"
            )
        elif path == "/healthz":
            await _answer_json(send, 200, self._health())
        elif path == "/faults":
            await _answer_json(send, *self._fault(scope, method, await _body(receive)))
        elif method == "POST":
            await self._business(path, receive, send)
        else:
            await self.other(path, scope, send)

    async def other(self, path: str, scope: JsonMap, send: Send) -> None:  # noqa: ARG002 -- for subclasses
        """Answer a GET that is not of the frame."""
        await _answer_json(send, 404, {"error": f"{self.name} knows no {path}"})

    async def _business(self, path: str, receive: Receive, send: Send) -> None:
        began = clock.monotonic()
        status = 500
        try:
            status, content = await self._guarded(path, await _body(receive))
            await _answer_json(send, status, content)
        finally:
            self._served += 1
            self._failed += status >= 500
            self.metrics.requests.labels(f"{status // 100}xx").inc()
            self.metrics.duration.observe(clock.monotonic() - began)

    async def _guarded(self, path: str, body: bytes) -> Reply:
        try:
            order = json.loads(body)
        except ValueError:
            return 400, {"error": "the body is not JSON"}
        try:
            return await self.serve(path, order)
        except MemoryError as error:
            self.out_of_memory(error, order=str(order.get("order")))
            return 503, {"error": str(error)}
        except UpstreamError as error:
            self.journal.error(f"an upstream call failed: {error}", order=str(order.get("order")))
            return 502, {"error": str(error)}

    def out_of_memory(self, error: MemoryError, **fields: str) -> None:
        """Count and log one piece of work that no memory was left for."""
        self.metrics.oom_errors.inc()
        sizes = {"heap_bytes": heap_bytes(), "limit_bytes": self.memory.limit_bytes}
        self.journal.error(str(error), error="MemoryError", **sizes, **fields)

    def _health(self) -> JsonMap:
        return {
            "status": "ok",
            "service": self.name,
            "instance": self.instance.id,
            "pid": os.getpid(),
            "revision": self.config.revision,
            "uptime_s": round(clock.timestamp() - self.started, 1),
        }

    def _fault(self, scope: JsonMap, method: str, body: bytes) -> Reply:
        """Switch faults, from this machine and for those who know this start's id alone."""
        presented = dict(scope["headers"]).get(b"x-lab-instance", b"").decode("latin-1")
        if scope["client"][0] != "127.0.0.1" or presented != self.instance.id:
            return 403, {"error": "this is not for you"}
        if method == "POST":
            wanted = json.loads(body)
            unknown = sorted(set(wanted) - set(self.active))
            if unknown:
                return 400, {
                    "error": f"{self.name} has no fault {unknown[0]}; it has {', '.join(self.faults) or 'none'}"
                }
            self.active.update({name: bool(value) for name, value in wanted.items()})
        return 200, self.describe_faults()

    async def _pulse(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(_TICK_S)
            self._reload()
            await self.tick()
            if self.memory.is_exhausted():
                self._end_exhausted()
            count += 1
            if count % _REPORT_EVERY == 0:
                self.journal.info(
                    "served requests", requests=self._served, failed=self._failed, heap_bytes=heap_bytes()
                )
                self._served = self._failed = 0

    def _end_exhausted(self) -> None:
        limit = self.memory.limit_bytes // MEGABYTE
        self.journal.critical(
            f"out of memory: the heap reached its limit of {limit} MB, killed (exit status {_OUT_OF_MEMORY_STATUS})",
            heap_bytes=heap_bytes(),
        )
        os._exit(_OUT_OF_MEMORY_STATUS)

    async def _live(self) -> None:
        server = uvicorn.Server(
            uvicorn.Config(
                self,
                port=self.instance.ports[self.name],
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=5,
            )
        )
        pulse = asyncio.create_task(self._pulse())
        pulse.add_done_callback(_fail_loudly)
        self.journal.info("started", pid=os.getpid(), port=self.instance.ports[self.name])
        await server.serve()
        pulse.cancel()
        self.journal.info("drained, ending", pid=os.getpid())

    def run(self) -> None:
        """Serve until SIGTERM; then finish what is in flight and end."""
        leash.die_with_parent()
        uvloop.run(self._live())


def _fail_loudly(task: asyncio.Task[None]) -> None:
    """A service without its pulse has no memory limit and no configuration: better none, and a fresh start."""
    if not task.cancelled() and task.exception() is not None:
        asyncio.get_running_loop().call_exception_handler({"message": "the pulse stopped", "task": task})
        os._exit(1)


async def _body(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _answer_json(send: Send, status: int, content: object) -> None:
    await _answer(send, status, json.dumps(content).encode(), b"application/json")


async def _answer(send: Send, status: int, body: bytes, media_type: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
