"""checkout: turns a basket into an order; asks inventory for the goods and payments for the money."""

from lab import clock
from lab.services.frame import JsonMap, Reply, Service
from lab.services.inventory import PART_BYTES
from lab.services.memory import MEGABYTE
from lab.services.switches import GROWTH_BYTES_PER_S, LEAK
from lab.wire import UpstreamError

_LARGE_BASKET = 100
_LARGE_BASKET_BYTES = 97 * MEGABYTE
_EVERY_S = 1.0


class Checkout(Service):
    """Keeps a copy of inventory's stock journal, so that a page of the shop needs no second call."""

    name = "checkout"
    faults = (LEAK,)

    def __init__(self) -> None:
        super().__init__()
        self._payments = self.neighbour("payments")
        self._inventory = self.neighbour("inventory")
        self._copy: list[bytes] = []
        self._copied_bytes = 0
        self._retained: list[bytearray] = []
        self._retained_bytes = 0
        self._leaking_since: float | None = None
        self._next_copy = 0.0
        self._next_export = 0.0

    async def serve(self, path: str, order: JsonMap) -> Reply:
        """POST /checkout."""
        if path != "/checkout":
            return 404, {"error": "checkout takes POST /checkout"}
        if order.get("items", 1) >= _LARGE_BASKET:
            self.memory.require(_LARGE_BASKET_BYTES, "a large basket")
        goods = await self._call("inventory", "/reservations", order)
        if goods != 200:
            return 502, {"error": "the goods could not be reserved"}
        money = await self._call("payments", "/charges", order)
        if money != 200:
            return 502, {"error": "the card could not be charged"}
        return 201, {"order": order.get("order")}

    async def _call(self, name: str, path: str, order: JsonMap) -> int:
        client = self._payments if name == "payments" else self._inventory
        answer = await client.request("POST", path, order, timeout_s=self.config.number(f"{name}_timeout_ms") / 1000)
        if answer.status != 200:
            self.journal.error(f"{name} answered {answer.status}", order=str(order.get("order")), upstream=name)
        return answer.status

    async def tick(self) -> None:
        """Copy the journal, export the day's baskets, and leak when told to."""
        now = clock.monotonic()
        if now >= self._next_copy:
            self._next_copy = now + _EVERY_S
            await self._copy_stock_journal()
        if now >= self._next_export:
            self._next_export = now + 2 * _EVERY_S
            self._export_baskets()
        self._leak(now)

    def _export_baskets(self) -> None:
        try:
            self.memory.require(_LARGE_BASKET_BYTES, "the export of baskets")
        except MemoryError as error:
            self.out_of_memory(error)

    async def _copy_stock_journal(self) -> None:
        more = True
        while more:
            try:
                answer = await self._inventory.request("GET", f"/journal?from={self._copied_bytes}", timeout_s=2.0)
                size = int(answer.headers["x-journal-bytes"])
            except UpstreamError as error:
                self.journal.warning(f"the stock journal could not be read: {error}", upstream="inventory")
                return
            if size < self._copied_bytes:
                self._copy, self._copied_bytes = [], 0
                continue
            self._copy.append(answer.body)
            self._copied_bytes += len(answer.body)
            more = len(answer.body) == PART_BYTES
            if more:
                self.journal.info("copied a part of the stock journal", journal_bytes=self._copied_bytes)

    def _leak(self, now: float) -> None:
        if not self.active[LEAK]:
            self._retained, self._retained_bytes, self._leaking_since = [], 0, None
            return
        if self._leaking_since is None:
            self._leaking_since = now
        missing = int((now - self._leaking_since) * GROWTH_BYTES_PER_S) - self._retained_bytes
        if missing > 0:
            self._retained.append(bytearray(b"basket") * (missing // 6 + 1))
            self._retained_bytes += missing

    def describe_faults(self) -> JsonMap:
        """The switch, and how much is held because of it."""
        return {**self.active, "retained_bytes": self._retained_bytes}


if __name__ == "__main__":
    Checkout().run()
