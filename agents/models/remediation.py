"""One attempt to remedy an incident (S28)."""

from typing import ClassVar

from django.db import models
from django_fsm import FSMField, FSMModelMixin, transition


class RemediationState(models.TextChoices):
    """Where a remediation stands."""

    INITIATED = "INITIATED"
    ANALYZING = "ANALYZING"
    PLANNING = "PLANNING"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    EXECUTING = "EXECUTING"
    VALIDATING = "VALIDATING"
    COMPLETED = "COMPLETED"
    ROLLED_BACK = "ROLLED_BACK"
    FAILED = "FAILED"


S = RemediationState
THINKING = (S.INITIATED, S.ANALYZING, S.PLANNING, S.AWAITING_APPROVAL)
"""What workers do."""
ACTING = (S.EXECUTING, S.VALIDATING)
"""What the executor alone does."""
WORKING = (*THINKING, *ACTING)


class Remediation(FSMModelMixin, models.Model):
    """A remediation of an incident.

    Attributes:
        reason: why it FAILED: rejected, expired, unknown-cause, taken-over, could-not-act, compensation-failed,
            observe-only, recovered.
        note: the same as a sentence for people.
        lease_owner: the worker that has it, until `lease_until`; after that anybody may take it.
        due_at: when the next piece of work is due; null when it waits for somebody else.
        change_digest: the frozen plan; request_id: the request for its approval.
        stages: when each state was reached: `{"ANALYZING": "<RFC 3339>"}`.
        parameters: facts the runbook was filled in with.
    """

    incident_id = models.BigIntegerField(db_index=True)
    state = FSMField(default=S.INITIATED, choices=S.choices, protected=True, db_index=True)
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    doing = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0)
    change_digest = models.CharField(max_length=64, blank=True, db_index=True)
    request_id = models.BigIntegerField(null=True, db_index=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    stages = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident_id"],
                condition=models.Q(state__in=[str(state) for state in WORKING]),
                name="one_live_remediation_an_incident",
            )
        ]

    def __str__(self) -> str:
        return f"remediation {self.pk} {self.state}"

    @property
    def subject(self) -> str:
        """As the ledger says it."""
        return f"remediation:{self.pk}"

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.state in WORKING

    @transition(field=state, source=S.INITIATED, target=S.ANALYZING)
    def analyze(self) -> None:
        """Read evidence and rank hypotheses."""

    @transition(field=state, source=[S.ANALYZING, S.AWAITING_APPROVAL], target=S.PLANNING)
    def plan(self) -> None:
        """Write a plan, or a new revision of it."""

    @transition(field=state, source=S.PLANNING, target=S.AWAITING_APPROVAL)
    def ask(self) -> None:
        """Ask policy and people."""

    @transition(field=state, source=S.AWAITING_APPROVAL, target=S.EXECUTING)
    def execute(self) -> None:
        """Carry the change out."""

    @transition(field=state, source=S.EXECUTING, target=S.VALIDATING)
    def validate(self) -> None:
        """Watch the symptom."""

    @transition(field=state, source=S.VALIDATING, target=S.COMPLETED)
    def complete(self) -> None:
        """The symptom is gone."""

    @transition(field=state, source=[S.EXECUTING, S.VALIDATING], target=S.ROLLED_BACK)
    def roll_back(self) -> None:
        """It did not help, and every compensation that exists has run."""

    @transition(field=state, source=list(WORKING), target=S.FAILED)
    def fail(self) -> None:
        """It ended without a remedy; `reason` says why."""
