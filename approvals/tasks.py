"""The work of approvals in the background."""

from celery import shared_task
from django.db import OperationalError

from approvals import receipts
from approvals.services.climb import climb_due
from approvals.services.end_standing import end_due
from approvals.services.expire import expire_due
from approvals.services.follow_people import follow_people
from approvals.services.void_draft import void_stale
from core.actors import POLICY, SYSTEM


@shared_task(
    name="approvals.expire", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def expire() -> None:
    """Take the steps of the ladder that are due, and end what is past its time, also where its timer is lost.

    Safe twice: a step that was taken is not due any more, and a request that was settled is left alone.
    """
    climb_due(actor=POLICY)
    expire_due(actor=POLICY)
    end_due(actor=POLICY)


@shared_task(
    name="approvals.tell", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def tell() -> None:
    """Tell people outside the pages what was recorded in their name, and what waits for them.

    Safe twice: each entry makes its notices once, with the move of the stored position, and a sent notice is not due.
    """
    receipts.follow()
    receipts.deliver()


@shared_task(
    name="approvals.keep", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def keep() -> None:
    """Let the registry follow what happened to people, and void drafts that nobody signed in time.

    Safe twice: each entry moves the stored position in its own transaction, and what was voided is left alone.
    """
    follow_people()
    void_stale(actor=SYSTEM)
