"""The shell people touch: settings, servers, sign-in, pages, live updates, REST API."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
