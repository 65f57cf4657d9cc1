"""Monitoring, paging and tickets that one rents, mail, and bodies of our own."""

from connectors.sources.services.axiom import Axiom
from connectors.sources.services.coralogix import Coralogix
from connectors.sources.services.dash0 import Dash0
from connectors.sources.services.datadog import Datadog
from connectors.sources.services.dynatrace import Dynatrace
from connectors.sources.services.email import Email
from connectors.sources.services.generic import Generic
from connectors.sources.services.honeycomb import Honeycomb
from connectors.sources.services.jira import Jira
from connectors.sources.services.newrelic import NewRelic
from connectors.sources.services.oncall import OnCall
from connectors.sources.services.opsgenie import Opsgenie
from connectors.sources.services.pagerduty import PagerDuty
from connectors.sources.services.rundeck import Rundeck
from connectors.sources.services.servicenow import ServiceNow
from connectors.sources.services.signalfx import SignalFx
from connectors.sources.services.splunk import Splunk
from connectors.told import Source

SOURCES: tuple[Source, ...] = (
    Axiom(),
    Coralogix(),
    Dash0(),
    Datadog(),
    Dynatrace(),
    Email(),
    Generic(),
    Honeycomb(),
    Jira(),
    NewRelic(),
    OnCall(),
    Opsgenie(),
    PagerDuty(),
    Rundeck(),
    ServiceNow(),
    SignalFx(),
    Splunk(),
)
