"""The ledger's work in the background."""

import logging

from celery import shared_task
from django.db import OperationalError

from audit.errors import RollbackError
from audit.services.cosign import cosign
from audit.services.examine_on import examine_on
from audit.services.roll_up import roll_up
from audit.services.sequence import sequence_all
from core.rounds import Rounds

log = logging.getLogger(__name__)

placing = Rounds(sequence_all, gap_s=0.25)
"""In a storm each batch of alerts asks for its places; a head for each would cost more than all its leaves."""


@shared_task(
    name="audit.sequence", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def sequence() -> None:
    """Place and seal what waits. Safe twice: a row is pending or placed, never both, and one head is signed once."""
    try:
        placing.ask()
    except RollbackError as error:
        log.critical("ledger not sequenced", extra={"why": error.detail})


@shared_task(name="audit.cosign", acks_late=True)
def cosign_newest() -> None:
    """Ask the witnesses for the newest head. Safe twice: a witness's line under a head is kept once."""
    cosign()


@shared_task(name="audit.examine", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def examine() -> None:
    """Examine the next piece of the ledger. Safe twice: the second one takes the piece after it."""
    examine_on()


@shared_task(name="audit.roll_up", acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def tell_refusals() -> None:
    """Tell what had no entry of its own. Safe twice: what was told is counted from nought."""
    roll_up()
