"""Doorbells of incidents: each names one service, and each is safe to run twice."""

from celery import shared_task
from django.db import OperationalError

from incidents.services import settle_window, watch_flapping


@shared_task(
    name="incidents.reconcile", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def reconcile() -> None:
    """Settle windows whose end has come, let go of alerts that are calm. Safe twice: what is done is not due."""
    settle_window.settle_due()
    watch_flapping.calm_due()
