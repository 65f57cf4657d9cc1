"""Django's entry for the package."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from people import checks


class Config(AppConfig):
    """The package as Django sees it."""

    name = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        register(checks.no_demo_people, Tags.database)
