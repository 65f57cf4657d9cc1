"""Monitoring tools that one runs oneself."""

from connectors.sources.monitors.alertmanager import Alertmanager
from connectors.sources.monitors.checkmk import Checkmk
from connectors.sources.monitors.elastic import Elastic
from connectors.sources.monitors.falco import Falco
from connectors.sources.monitors.grafana import Grafana
from connectors.sources.monitors.graylog import Graylog
from connectors.sources.monitors.kapacitor import Kapacitor
from connectors.sources.monitors.librenms import LibreNms
from connectors.sources.monitors.nagios import Nagios
from connectors.sources.monitors.netbox import NetBox
from connectors.sources.monitors.papertrail import Papertrail
from connectors.sources.monitors.riemann import Riemann
from connectors.sources.monitors.thinkst import Thinkst
from connectors.sources.monitors.vmware_vrops import VmwareVrops
from connectors.sources.monitors.wazuh import Wazuh
from connectors.sources.monitors.zabbix import Zabbix
from connectors.told import Source

SOURCES: tuple[Source, ...] = (
    Alertmanager(),
    Grafana(),
    Zabbix(),
    Nagios(),
    Checkmk(),
    LibreNms(),
    Kapacitor(),
    Graylog(),
    Riemann(),
    Papertrail(),
    Elastic(),
    Falco(),
    Wazuh(),
    Thinkst(),
    VmwareVrops(),
    NetBox(),
)
