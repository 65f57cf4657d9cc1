"""Clouds, clusters and event standards."""

from connectors.sources.cloud.aws import Aws
from connectors.told import Source

SOURCES: tuple[Source, ...] = (Aws(),)
