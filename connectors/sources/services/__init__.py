"""Monitoring, paging and tickets that one rents."""

from connectors.sources.services.pagerduty import PagerDuty
from connectors.told import Source

SOURCES: tuple[Source, ...] = (PagerDuty(),)
