"""Django's entry for the package."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register


class Config(AppConfig):
    """The package as Django sees it."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks; they need the models, so they are imported now."""
        checks = import_module("approvals.checks")
        register(checks.passkeys_work)
        register(checks.shipped_policies_compile)
