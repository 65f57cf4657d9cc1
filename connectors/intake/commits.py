"""Shared commits: posts that come while one transaction is under way go into the next one together."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, close_old_connections

from connectors.intake.door import CHECKS, Answer, Post, answer_all, refusal
from connectors.registry import canonical_kind
from connectors.services.accept import DRAIN, QUEUE
from connectors.services.drain import FAULTS
from core import doorbell
from core.errors import ConsoleError, OverloadedError

log = logging.getLogger(__name__)

TOGETHER = 200
GATHER_S = 0.004
"""How long after a transaction the next one waits for those who were at work: who was just answered comes again."""
RING_S = 0.5
"""How often one process rings at most; whoever is rung finds more at once, and each delivery costs less."""
MOST_WAITING = 2_000
MOST_BYTES = 64_000_000

Waiting = tuple[Post, "asyncio.Future[Answer]"]


class StoreUnreachableError(ConsoleError):
    """The database does not answer; nothing was accepted."""

    code, status, title = "store-unreachable", 503, "Cannot store now"


class FaultError(ConsoleError):
    """A defect of ours."""

    code, status, title = "fault", 500, "Our fault"


@dataclass(slots=True)
class _Rings:
    """The way to the drain: at once, and then not again for RING_S, however often it is asked for."""

    wanted: bool = False
    task: "asyncio.Task[None] | None" = None

    def ask(self) -> None:
        self.wanted = True
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        while self.wanted:
            self.wanted = False
            await asyncio.to_thread(doorbell.ring_now, DRAIN, queue=QUEUE)
            await asyncio.sleep(RING_S)


@dataclass(slots=True)
class Commits:
    """What waits for its transaction in this process; it lives in one event loop, and one thread of it writes.

    Attributes:
        count, bytes: how much has no answer yet, so that a database that hangs cannot fill the memory.
        at_work, ended: how many posts were in the last transaction or came during it, and when it ended, by the loop.
        here: set once as many wait again.
    """

    waiting: list[Waiting] = field(default_factory=list)
    count: int = 0
    bytes: int = 0
    task: "asyncio.Task[None] | None" = None
    at_work: int = 0
    ended: float = 0.0
    here: asyncio.Event = field(default_factory=asyncio.Event)
    rings: _Rings = field(default_factory=_Rings)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "hooks"))

    async def answer(self, post: Post) -> Answer:
        """Wait until a post is stored, or refused."""
        if self.count >= MOST_WAITING or self.bytes + len(post.body) > MOST_BYTES:
            detail = "As many posts wait to be stored as may wait. Nothing was accepted; send this again."
            return refusal(OverloadedError(detail))
        self.count += 1
        self.bytes += len(post.body)
        try:
            return await (self._alone(post) if canonical_kind(post.kind) in CHECKS else self._with_others(post))
        finally:
            self.count -= 1
            self.bytes -= len(post.body)

    async def _alone(self, post: Post) -> Answer:
        """Of what is asked elsewhere before it is judged: nobody else waits for that."""
        (answer,) = await asyncio.to_thread(_answer, [post])
        self.rings.ask()
        return answer

    async def _with_others(self, post: Post) -> Answer:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self.waiting.append((post, future))
        if self._all_here():
            self.here.set()
        if self.task is None or self.task.done():
            self.task = loop.create_task(self._go_on())
        return await future

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            await self._gather()
            batch, self.waiting = self.waiting[:TOGETHER], self.waiting[TOGETHER:]
            try:
                answers = await loop.run_in_executor(self.thread, _answer, [post for post, _ in batch])
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
            finally:
                for _, future in batch:
                    future.cancel()  # of those without an answer: nobody waits for ever
            self.rings.ask()
            self.at_work, self.ended = len(batch) + len(self.waiting), loop.time()

    async def _gather(self) -> None:
        """Wait a little for all who were at work a moment ago; one alone waits for nobody."""
        left = self.ended + GATHER_S - asyncio.get_running_loop().time()
        if self.at_work > 1 and left > 0 and not self._all_here():
            self.here.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.here.wait(), left)

    def _all_here(self) -> bool:
        return len(self.waiting) >= min(self.at_work, TOGETHER)


def _answer(posts: Sequence[Post]) -> list[Answer]:
    try:
        return _together(posts)
    finally:
        close_old_connections()


def _together(posts: Sequence[Post]) -> list[Answer]:
    """Answer posts together; if that fails, each alone, so that none takes its neighbours with it."""
    try:
        return answer_all(posts, ring=False)
    except (OperationalError, InterfaceError) as error:
        log.warning("deliveries not stored", extra={"count": len(posts), "error": str(error)})
        detail = "The database does not answer. Nothing was accepted; send this again in a few seconds."
        return [refusal(StoreUnreachableError(detail))] * len(posts)
    except FAULTS:
        if len(posts) > 1:
            return [_together([post])[0] for post in posts]
        log.exception("a post could not be judged")
        return [refusal(FaultError("The fault is ours, and it is in our log. Nothing was accepted."))]
