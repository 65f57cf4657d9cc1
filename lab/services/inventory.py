"""inventory: reserves goods, and publishes the stock journal that checkout keeps a copy of."""

import asyncio
import random
from urllib.parse import parse_qs

from lab import clock
from lab.services.frame import JsonMap, Reply, Send, Service
from lab.services.switches import GROWING_JOURNAL, GROWTH_BYTES_PER_S

PART_BYTES = 4 << 20
_USUAL_BYTES = 64 << 10
_MOST_BYTES = 196_000_000  # holds checkout above its alert and just below its limit
_RECORD = b'{"sku":"tea-earl-grey-100g","warehouse":"north","delta":-1,"reason":"reserved"}\n'
_PART = (_RECORD * (PART_BYTES // len(_RECORD) + 1))[:PART_BYTES]


class Inventory(Service):
    """With the fault on, the stock journal is never compacted and grows without end."""

    name = "inventory"
    faults = (GROWING_JOURNAL,)

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random()  # noqa: S311 -- simulated latency
        self._growing_since: float | None = None
        self.metrics.gauge("shop_journal_bytes", "Size of the stock journal.", self._journal_bytes)

    async def tick(self) -> None:
        """Notice the fault's switch."""
        if not self.active[GROWING_JOURNAL]:
            self._growing_since = None
        elif self._growing_since is None:
            self._growing_since = clock.monotonic()

    async def serve(self, path: str, order: JsonMap) -> Reply:
        """POST /reservations."""
        if path != "/reservations":
            return 404, {"error": "inventory reserves by POST /reservations"}
        await asyncio.sleep(self._chance.uniform(0.002, 0.006))
        return 200, {"reserved": order.get("items", 1)}

    async def other(self, path: str, scope: JsonMap, send: Send) -> None:
        """GET /journal?from=N: the journal's next part after N bytes, and its whole size in `x-journal-bytes`."""
        if path != "/journal":
            await super().other(path, scope, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        size = self._journal_bytes()
        start = int(query.get("from", ["0"])[0])
        part = memoryview(_PART)[: max(0, min(PART_BYTES, size - start))]
        headers = [(b"content-length", str(len(part)).encode()), (b"x-journal-bytes", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(part)})

    def _journal_bytes(self) -> int:
        if self._growing_since is None:
            return _USUAL_BYTES
        grown = (clock.monotonic() - self._growing_since) * GROWTH_BYTES_PER_S
        return min(_MOST_BYTES, _USUAL_BYTES + int(grown))


if __name__ == "__main__":
    Inventory().run()
