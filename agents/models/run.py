"""One execution of a change."""

from typing import ClassVar

from django.db import models

from agents.models.remediation import Remediation


class RunState(models.TextChoices):
    """How a run, or a step of it, stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    COMPENSATED = "COMPENSATED"
    FAILED = "FAILED"


class Run(models.Model):
    """An execution; `refusal` says why the executor did not start it, if so."""

    remediation = models.ForeignKey(Remediation, on_delete=models.PROTECT, related_name="runs")
    change_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    refusal = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"run {self.pk}"


class StepRun(models.Model):
    """One step, done or undone, once.

    Attributes:
        direction: act or undo.
        key: idempotency key; the same key stands at the target.
        result: what the target answered; a repeated request returns it.
        found: whether the target already carried the key when we looked, so that nothing was done again.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    index = models.PositiveIntegerField()
    direction = models.CharField(max_length=4, default="act")
    title = models.CharField(max_length=200)
    command = models.CharField(max_length=500)
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    result = models.JSONField(default=dict)
    found = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "index", "direction"], name="one_step_run_a_direction")
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.index} {self.title}"
