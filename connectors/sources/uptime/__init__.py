"""Uptime checks, status pages and error trackers."""

from connectors.sources.uptime.appdynamics import AppDynamics
from connectors.sources.uptime.betterstack import BetterStack
from connectors.sources.uptime.checkly import Checkly
from connectors.sources.uptime.freshping import Freshping
from connectors.sources.uptime.freshstatus import Freshstatus
from connectors.sources.uptime.healthchecks import Healthchecks
from connectors.sources.uptime.honeybadger import Honeybadger
from connectors.sources.uptime.librato import Librato
from connectors.sources.uptime.pingdom import Pingdom
from connectors.sources.uptime.raygun import Raygun
from connectors.sources.uptime.rollbar import Rollbar
from connectors.sources.uptime.sentry import Sentry
from connectors.sources.uptime.site24x7 import Site24x7
from connectors.sources.uptime.sonarqube import SonarQube
from connectors.sources.uptime.statuspage import Statuspage
from connectors.sources.uptime.thousandeyes import ThousandEyes
from connectors.sources.uptime.updown import Updown
from connectors.sources.uptime.uptime_kuma import UptimeKuma
from connectors.sources.uptime.uptimerobot import UptimeRobot
from connectors.told import Source

SOURCES: tuple[Source, ...] = (
    AppDynamics(),
    BetterStack(),
    Checkly(),
    Freshping(),
    Freshstatus(),
    Healthchecks(),
    Honeybadger(),
    Librato(),
    Pingdom(),
    Raygun(),
    Rollbar(),
    Sentry(),
    Site24x7(),
    SonarQube(),
    Statuspage(),
    ThousandEyes(),
    Updown(),
    UptimeKuma(),
    UptimeRobot(),
)
