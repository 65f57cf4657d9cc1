"""payments: charges cards through an acquirer."""

import asyncio
import math
import random

from lab.services.frame import JsonMap, Reply, Service

# Of a thousand card payments most are answered at once, some make the card's issuer ask back, one hangs.
_ASKS_BACK = 0.080
_HANGS = 0.001


class Payments(Service):
    """Calls the acquirer with the time-out of its configuration; what takes longer fails."""

    name = "payments"

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random()  # noqa: S311 -- a simulated card network

    async def serve(self, path: str, order: JsonMap) -> Reply:
        """POST /charges."""
        if path != "/charges":
            return 404, {"error": "payments charges by POST /charges"}
        timeout_ms = self.config.number("acquirer_timeout_ms")
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await asyncio.sleep(acquirer_latency_s(self._chance))
        except TimeoutError:
            message = f"the acquirer did not answer within {timeout_ms} ms"
            self.journal.error(
                message, order=str(order.get("order")), timeout_ms=timeout_ms, revision=self.config.revision[:12]
            )
            return 504, {"error": message}
        return 200, {"charged": True}


def acquirer_latency_s(chance: random.Random) -> float:
    """How long the acquirer takes for one card: about 12 ms, 40 to 400 ms when the issuer asks back, or seconds."""
    kind = chance.random()
    if kind < _HANGS:
        return chance.uniform(1.5, 2.5)
    if kind < _HANGS + _ASKS_BACK:
        return min(0.6, chance.lognormvariate(math.log(0.120), 0.4))
    return min(0.022, chance.lognormvariate(math.log(0.012), 0.2))


if __name__ == "__main__":
    Payments().run()
