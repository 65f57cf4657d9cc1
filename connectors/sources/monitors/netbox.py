"""NetBox tells what was changed in it and which jobs ran. None of that is an alert: it is recorded, and no more."""

from collections.abc import Iterable

from connectors import reading
from connectors.base import Parsed, RawDelivery
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected


class NetBox(Source):
    """Changes in NetBox."""

    slug = "netbox"
    title = "NetBox"
    documentation = "https://netboxlabs.com/docs/netbox/integrations/webhooks/"
    fingerprint_fields = ()

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Say what was changed."""
        body = reading.mapping(delivery.value)
        event = reading.text(body.get("event"), 40, notes, "event")
        model = reading.text(body.get("model") or body.get("object_type"), 80, notes, "model")
        if not event or not model:
            return rejected("There is no `event` with a `model`; this is nothing of NetBox's.")
        return ignored(f"NetBox tells of a change and no alert: {model} {event}.")
