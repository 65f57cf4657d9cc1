"""Clouds, clusters and event standards."""

from connectors.sources.cloud.alibaba_cms import AlibabaCms
from connectors.sources.cloud.argocd import ArgoCd
from connectors.sources.cloud.aws import Aws
from connectors.sources.cloud.azure import Azure
from connectors.sources.cloud.cdevents import CdEvents
from connectors.sources.cloud.cloudevents import CloudEvents
from connectors.sources.cloud.gcp import Gcp
from connectors.sources.cloud.kubernetes import Kubernetes
from connectors.sources.cloud.oci import Oci
from connectors.told import Source

SOURCES: tuple[Source, ...] = (
    Aws(),
    Azure(),
    Gcp(),
    Oci(),
    AlibabaCms(),
    CdEvents(),
    CloudEvents(),
    Kubernetes(),
    ArgoCd(),
)
