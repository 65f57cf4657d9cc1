"""Handshakes that a sender waits for: the validation of CloudEvents' webhooks, and answers that an adapter gives."""

import re
from collections.abc import Mapping
from typing import Final

from connectors.base import Outcome, RawDelivery
from connectors.told import Source as Adapter
from core.errors import BadInputError

ORIGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252})")
RATE: Final = re.compile(r"[1-9][0-9]{0,5}")


def permission(headers: Mapping[str, str]) -> dict[str, str]:
    """The answer to `OPTIONS` with a `WebHook-Request-Origin` (CloudEvents 1.0, webhooks, 4).

    Whoever knows the address may post to it, so its origin is allowed, at the rate that it asks for. A callback
    address, if it names one, is never called.

    Raises:
        BadInputError: The origin is not the name of a host.
    """
    origin = headers.get("webhook-request-origin", "")
    if not ORIGIN.fullmatch(origin):
        detail = "The WebHook-Request-Origin is not the name of a host."
        raise BadInputError(detail)
    asked = headers.get("webhook-request-rate", "")
    rate = asked if RATE.fullmatch(asked) else "*"
    return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": rate, "Allow": "OPTIONS, POST"}


def answer(adapter: Adapter, delivery: RawDelivery) -> dict[str, str] | None:
    """The body that the sender of a handshake waits for; None for all else."""
    if not adapter.answer or not adapter.waits(delivery):
        return None
    parsed = adapter.parse(delivery)
    if parsed.outcome is not Outcome.CONTROL or not parsed.reply:
        return None
    return {adapter.answer: parsed.reply}
