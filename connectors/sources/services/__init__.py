"""Monitoring, paging and tickets that one rents."""

from connectors.told import Source

SOURCES: tuple[Source, ...] = ()
