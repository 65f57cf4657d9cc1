"""Django's entry for the package."""

from django.apps import AppConfig

from console.celery import app as celery_app


class Config(AppConfig):
    """The package as Django sees it; loading it makes our Celery application the current one, for web and worker."""

    name = "console"
    celery = celery_app
