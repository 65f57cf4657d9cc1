"""Doorbells of the agents: each names one service, and each is safe to run twice."""

from celery import shared_task
from django.db import OperationalError

from agents.models.remediation import THINKING
from agents.services import advance as advancing
from agents.services import follow as following
from agents.services import reconcile as reconciling


@shared_task(name="agents.follow", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def follow() -> None:
    """React to what is new in the ledger. Safe twice: each entry moves the stored position in its own transaction."""
    following.follow()


@shared_task(
    name="agents.advance", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def advance(remediation_id: int) -> None:
    """Do one stage of thinking; acting is the executor's. Safe twice: a lease lets one worker in."""
    advancing.advance(remediation_id, THINKING)


@shared_task(
    name="agents.reconcile", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def reconcile() -> None:
    """Ring for work that nobody does, and catch up with the ledger. Safe twice: it only rings."""
    following.follow()
    reconciling.reconcile()
