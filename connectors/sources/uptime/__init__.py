"""Uptime checks, status pages and error trackers."""

from connectors.told import Source

SOURCES: tuple[Source, ...] = ()
