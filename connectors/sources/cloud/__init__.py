"""Clouds, clusters and event standards."""

from connectors.sources.cloud.aws import Aws
from connectors.sources.cloud.azure import Azure
from connectors.sources.cloud.gcp import Gcp
from connectors.sources.cloud.oci import Oci
from connectors.told import Source

SOURCES: tuple[Source, ...] = (Aws(), Azure(), Gcp(), Oci())
