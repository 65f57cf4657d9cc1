"""Doorbells."""

from celery import shared_task
from django.db import OperationalError

from connectors.services.drain import drain
from connectors.services.go_on_importing import go_on_importing
from connectors.services.send_webhooks import send_webhooks
from connectors.services.tell_outside import tell_outside
from core.actors import INTAKE


@shared_task(
    name="connectors.drain", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def drain_inbox() -> None:
    """Read what waits. Safe twice: what is read is no longer waiting, and what is being read is locked."""
    drain(actor=INTAKE)


@shared_task(
    name="connectors.tickets", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def tickets() -> None:
    """Bring tickets outside up to date. Safe twice: each is held by one worker, and what died is looked up first."""
    tell_outside()


@shared_task(
    name="connectors.webhooks", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def webhooks() -> None:
    """Tell webhooks what happened. Safe twice: each is held by one worker, and receivers know an event by its id."""
    send_webhooks()


@shared_task(
    name="connectors.imports", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def imports() -> None:
    """Go on with imports from CMDBs. Safe twice: each is held by one worker, and what is done again is the same."""
    go_on_importing()
