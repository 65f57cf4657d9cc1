"""Alerts, incidents, services."""

from incidents.models.alert import Alert
from incidents.models.flapping import Flapping
from incidents.models.incident import Incident, IncidentState
from incidents.models.rating import Rating
from incidents.models.receipt import Receipt
from incidents.models.rule_set import RuleSet
from incidents.models.service import Dependency, Service
from incidents.models.turn import Turn
from incidents.models.window import MaintenanceWindow

__all__ = [
    "Alert",
    "Dependency",
    "Flapping",
    "Incident",
    "IncidentState",
    "MaintenanceWindow",
    "Rating",
    "Receipt",
    "RuleSet",
    "Service",
    "Turn",
]
