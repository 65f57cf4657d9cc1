"""What comes in, and what we are connected to."""

from connectors.models.connection import Connection
from connectors.models.delivery import Delivery, DeliveryState
from connectors.models.mapping import SourceMapping
from connectors.models.service_import import ImportState, ServiceImport
from connectors.models.source import Source
from connectors.models.tally import Tally
from connectors.models.ticket import Assent, Bond, SeenRecord, Ticket
from connectors.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Assent",
    "Bond",
    "Connection",
    "Delivery",
    "DeliveryState",
    "ImportState",
    "SeenRecord",
    "ServiceImport",
    "Source",
    "SourceMapping",
    "Tally",
    "Ticket",
    "Webhook",
    "WebhookDelivery",
]
