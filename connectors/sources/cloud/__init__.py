"""Clouds, clusters and event standards."""

from connectors.told import Source

SOURCES: tuple[Source, ...] = ()
