"""The work of approvals in the background."""

from celery import shared_task
from django.db import OperationalError

from approvals.services.expire import expire_due
from core.actors import POLICY


@shared_task(
    name="approvals.expire", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def expire() -> None:
    """Expire what is past its time. Safe twice: the second one finds it settled."""
    expire_due(actor=POLICY)
