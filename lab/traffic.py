"""Customers: about twenty orders a second through the gateway, irregular as people are."""

import asyncio
import itertools
import math
import random

import uvloop

from lab import clock, layout, leash
from lab.services.journal import Journal
from lab.wire import Client, UpstreamError

RATE_PER_S = 20.0
_SWAY = 0.1
_SWAY_PERIOD_S = 90.0
_LARGE_EVERY = 150
_MOST_AT_ONCE = 200
_REPORT_EVERY_S = 10.0


def rate_at(seconds: float) -> float:
    """Orders per second, swaying slowly around the mean."""
    return RATE_PER_S * (1 + _SWAY * math.sin(2 * math.pi * seconds / _SWAY_PERIOD_S))


class Customers:
    """Open-loop: a slow shop does not slow the customers' arrival."""

    def __init__(self, port: int) -> None:
        self._gateway = Client(port, patience_s=6.0)
        self._chance = random.Random()  # noqa: S311 -- simulated people
        self._served = 0
        self._failed = 0
        self._journal = Journal("traffic")

    async def arrive(self) -> None:
        """Send orders forever."""
        waiting: set[asyncio.Task[None]] = set()
        began = clock.monotonic()
        due = began
        report = began + _REPORT_EVERY_S
        for number in itertools.count(1):
            due = max(due, clock.monotonic() - 1.0) + self._chance.expovariate(rate_at(due - began))
            await asyncio.sleep(max(0.0, due - clock.monotonic()))
            if len(waiting) < _MOST_AT_ONCE:
                task = asyncio.create_task(self._order(number))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            if due >= report:
                report = due + _REPORT_EVERY_S
                self._journal.info("customers were served", served=self._served, failed=self._failed)
                self._served = self._failed = 0

    async def _order(self, number: int) -> None:
        items = 120 if number % _LARGE_EVERY == 0 else self._chance.randint(1, 8)
        order = {"order": f"o-{number:06d}", "items": items, "amount_eur": self._chance.randint(5, 240)}
        try:
            answer = await self._gateway.request("POST", "/orders", order, timeout_s=10.0)
        except UpstreamError:
            self._failed += 1
            return
        self._served += answer.status < 500
        self._failed += answer.status >= 500


def main() -> None:
    """Send orders until the end."""
    leash.die_with_parent()
    uvloop.run(Customers(layout.read_instance(layout.here()).ports["gateway"]).arrive())


if __name__ == "__main__":
    main()
