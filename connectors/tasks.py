"""Doorbells."""

from celery import shared_task
from django.db import OperationalError

from connectors.services.drain import drain
from core.actors import INTAKE


@shared_task(
    name="connectors.drain", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def drain_inbox() -> None:
    """Read what waits. Safe twice: what is read is no longer waiting, and what is being read is locked."""
    drain(actor=INTAKE)
