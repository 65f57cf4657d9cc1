"""Standing approvals: index rows over signed documents. Uses are counted from the ledger, not here."""

from django.db import models
from django_fsm import FSMField, FSMModelMixin, transition


class StandingState(models.TextChoices):
    """Where a standing approval stands."""

    PROPOSED = "PROPOSED"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"
    ENDED = "ENDED"


class StandingApproval(FSMModelMixin, models.Model):
    """A harmless, repeated action that may run without being asked again, within limits that people signed.

    Attributes:
        number: as people call it, `SA-3`.
        uid: the id in the document; `digest` the SHA-256 of its canonical bytes.
        requested_by: as the ledger writes it.
        ended_why: a sentence.
    """

    number = models.BigAutoField(primary_key=True)
    uid = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    state = FSMField(default=StandingState.PROPOSED, choices=StandingState.choices, protected=True, db_index=True)
    intent = models.TextField()
    requested_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    not_after = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What pages call it."""
        return f"SA-{self.pk}"

    @property
    def subject(self) -> str:
        """As the ledger says it."""
        return f"standing:{self.uid}"

    @transition(field=state, source=StandingState.PROPOSED, target=StandingState.GRANTED)
    def grant(self) -> None:
        """Enough of the right signatures are there."""

    @transition(field=state, source=StandingState.PROPOSED, target=StandingState.REJECTED)
    def reject(self) -> None:
        """Somebody who may said no."""

    @transition(field=state, source=[StandingState.PROPOSED, StandingState.GRANTED], target=StandingState.ENDED)
    def end(self) -> None:
        """It is over: its time, its uses, its policy or a signer's key, a rollback, or somebody ended it."""


class StandingDecision(models.Model):
    """A signed decision about a standing approval."""

    statement_sha256 = models.CharField(max_length=64, primary_key=True)
    sidecar_sha256 = models.CharField(max_length=64)
    standing = models.ForeignKey(StandingApproval, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=10)
    person_id = models.CharField(max_length=16, db_index=True)
    key_id = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    comment_salt = models.BinaryField(default=bytes)
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verdict} {self.standing_id}"
