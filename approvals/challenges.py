"""Challenges under which a browser makes a new passkey: single use, five minutes, one person, one session."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from approvals.models import EnrolmentChallenge
from core import clock
from core.errors import RefusedError

VALID_FOR: Final = timedelta(minutes=5)
PASSKEY: Final = "passkey"


def bound_to(secret: str) -> str:
    """What is kept of a session key or a token: its digest."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def hand_out(purpose: str, person_id: str, session: str) -> bytes:
    """A new challenge of 256 random bits; stale ones of the person are thrown away."""
    now = clock.now()
    EnrolmentChallenge.objects.filter(person_id=person_id, expires_at__lt=now - VALID_FOR).delete()
    challenge = secrets.token_bytes(32)
    EnrolmentChallenge.objects.create(
        challenge=challenge.hex(),
        purpose=purpose,
        person_id=person_id,
        session=bound_to(session),
        expires_at=now + VALID_FOR,
    )
    return challenge


def take_back(challenge: bytes, purpose: str, person_id: str, session: str) -> EnrolmentChallenge:
    """Use a challenge up; call it inside the transaction that enrols the key.

    Raises:
        RefusedError: It was never handed out, to somebody else, elsewhere, for something else, long ago, or is used.
    """
    row = EnrolmentChallenge.objects.select_for_update().filter(pk=challenge.hex(), purpose=purpose).first()
    fits = row is not None and row.person_id == person_id and secrets.compare_digest(row.session, bound_to(session))
    if row is None or not fits:
        detail = "This answers no question that was asked here. Start the enrolment again."
        raise RefusedError(detail)
    if row.used_at is not None or row.expires_at <= clock.now():
        detail = "This enrolment was already used or took longer than five minutes. Start it again."
        raise RefusedError(detail)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    return row
