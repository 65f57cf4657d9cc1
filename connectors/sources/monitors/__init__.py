"""Monitoring tools that one runs oneself."""

from connectors.sources.monitors.alertmanager import Alertmanager
from connectors.told import Source

SOURCES: tuple[Source, ...] = (Alertmanager(),)
