"""gateway: the shop's front door; hands orders to checkout."""

from lab.services.frame import JsonMap, Reply, Service


class Gateway(Service):
    """Stateless; all that customers see passes here."""

    name = "gateway"

    def __init__(self) -> None:
        super().__init__()
        self._checkout = self.neighbour("checkout")

    async def serve(self, path: str, order: JsonMap) -> Reply:
        """POST /orders."""
        if path != "/orders":
            return 404, {"error": "the shop sells by POST /orders"}
        timeout_s = self.config.number("checkout_timeout_ms") / 1000
        answer = await self._checkout.request("POST", "/checkout", order, timeout_s=timeout_s)
        if answer.status >= 500:
            return 502, {"error": "checkout failed", "order": order.get("order")}
        return answer.status, {"order": order.get("order")}


if __name__ == "__main__":
    Gateway().run()
