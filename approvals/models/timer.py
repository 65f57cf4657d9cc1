"""What happens to a request as time passes: rows, so that it happens also after a restart, and once."""

from typing import ClassVar

from django.db import models

from approvals.models.request import ApprovalRequest


class TimerKind(models.TextChoices):
    """The steps of the ladder, in their order."""

    REMINDER = "reminder"
    BACKUP = "backup"
    MANAGER = "manager"
    EXPIRY = "expiry"


class RequestTimer(models.Model):
    """One step of a request's ladder.

    Attributes:
        group: who is asked beside the first ones from then on; empty for reminder and expiry.
        due_at: when it is to happen; `done_at` when it did, or when it was found to be of no use any more.
    """

    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=10, choices=TimerKind.choices)
    group = models.CharField(max_length=80, blank=True)
    due_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "kind"], name="one_timer_of_a_kind_a_request")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of request {self.request_id}"
