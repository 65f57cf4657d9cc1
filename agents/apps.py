"""Django's entry for the package."""

from importlib import import_module

from django.apps import AppConfig


class Config(AppConfig):
    """The package as Django sees it."""

    name = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what people sign about the agents; it needs the models, so it is imported now."""
        acts, holding = import_module("approvals.acts"), import_module("agents.services.hold_agents")
        for kind in holding.SUBJECTS:
            acts.register(kind, may=holding.may_hold, then=holding.tell)
