"""Every wire format that comes in, one module a vendor."""

from connectors.sources import cloud, monitors, services, uptime
from connectors.sources.mapped import Mapped
from connectors.told import Source

SOURCES: tuple[Source, ...] = (*monitors.SOURCES, *services.SOURCES, *uptime.SOURCES, *cloud.SOURCES, Mapped())
