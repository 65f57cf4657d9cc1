"""What comes in, and what we are connected to."""

from connectors.models.connection import Connection
from connectors.models.delivery import Delivery, DeliveryState
from connectors.models.source import Source

__all__ = ["Connection", "Delivery", "DeliveryState", "Source"]
