"""Django's entry for the package."""

from django.apps import AppConfig


class Config(AppConfig):
    """The package as Django sees it."""

    name = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
