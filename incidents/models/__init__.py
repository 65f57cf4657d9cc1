"""Alerts, incidents, services."""

from incidents.models.alert import Alert
from incidents.models.incident import Incident, IncidentState
from incidents.models.service import Dependency, Service

__all__ = ["Alert", "Dependency", "Incident", "IncidentState", "Service"]
