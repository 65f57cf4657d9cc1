"""Monitoring, paging and tickets that one rents."""

from connectors.sources.services.datadog import Datadog
from connectors.sources.services.newrelic import NewRelic
from connectors.sources.services.opsgenie import Opsgenie
from connectors.sources.services.pagerduty import PagerDuty
from connectors.sources.services.signalfx import SignalFx
from connectors.sources.services.splunk import Splunk
from connectors.told import Source

SOURCES: tuple[Source, ...] = (Datadog(), NewRelic(), Opsgenie(), PagerDuty(), SignalFx(), Splunk())
