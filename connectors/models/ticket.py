"""What is mirrored in a ticket system: one row a subject of ours and connection, which is also the command to send it.

The outbox holds no payloads: a row says up to which record of the ledger the ticket is to tell the story, and what is
sent is made from the database at that moment. So an outage of hours leaves one command, not a queue of stale ones.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from connectors.models.connection import Connection


class Bond(models.Model):
    """How things stand between us and one connection.

    Attributes:
        paused_until: they said when to come back, or they are down; nothing is sent or asked before.
        error: why, for people.
        polled_to: how far their changes were read: in ServiceNow by its clock, in Jira by ours; empty for not yet.
        poll_at: when they are read again; a webhook brings it forward.
        held_until: one worker reads at a time.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="bond")
    paused_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    polled_to = models.CharField(max_length=19, blank=True)
    poll_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"bond with {self.connection_id}"


class Ticket(models.Model):
    """A record over there that mirrors a subject here.

    Attributes:
        subject: `incident:42` or `change:<digest>`.
        table: incident or change_request.
        correlation_id: by which it is found again after a crash or a lost answer; says whose it is.
        sys_id, number: empty until it is known to exist.
        is_theirs: they opened it; we add to it and never overwrite what they wrote.
        mod_count: of the last state of it that is known here.
        told: the values that were sent last, by field.
        stands: what the state of it is called there, as it was last seen; told_at: when we last reached it.
        wanted_seq: up to which record of the ledger it is to tell; done_seq: up to which it does.
        due_at: when to send; held_until: one worker sends at a time.
        refused: they will not take it; the error says why, and a person may send it again.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tickets")
    subject = models.CharField(max_length=80)
    table = models.CharField(max_length=40)
    correlation_id = models.CharField(max_length=100)
    sys_id = models.CharField(max_length=32, blank=True, db_index=True)
    number = models.CharField(max_length=40, blank=True)
    is_theirs = models.BooleanField(default=False)
    mod_count = models.BigIntegerField(default=-1)
    told = models.JSONField(default=dict)
    stands = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True)
    wanted_seq = models.BigIntegerField(default=0)
    done_seq = models.BigIntegerField(default=-1)
    due_at = models.DateTimeField(null=True, db_index=True)
    held_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    refused = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "subject"], name="one_ticket_a_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.table} for {self.subject}"

    @classmethod
    def waiting(cls, now: datetime) -> "models.QuerySet[Ticket]":
        """Those with something to tell that is due and that nobody is sending."""
        free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        behind = cls.objects.filter(free, refused=False, due_at__lte=now, wanted_seq__gt=F("done_seq"))
        return behind.filter(connection__is_active=True).order_by("due_at", "pk")


class SeenRecord(models.Model):
    """Up to which count of changes a record of theirs was read, so that nothing is taken in twice."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seen")
    sys_id = models.CharField(max_length=32)
    mod_count = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "sys_id"], name="one_row_a_seen_record"),
        ]

    def __str__(self) -> str:
        return f"{self.sys_id} at {self.mod_count}"


class Assent(models.Model):
    """What somebody answered outside about a change. It is shown and recorded; it is no signature.

    Attributes:
        change_digest: the plan that the record over there is bound to.
        record: id of the approver's record there, and `mod_count` the state of it that was read.
        approver: their name for them; person_id: who that is here, empty for nobody known.
        verdict: approve, reject, withdrawn, unclassified.
        counts: whether it meets the condition of an outside approval; `why` says why not.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="assents")
    change_digest = models.CharField(max_length=64, db_index=True)
    record = models.CharField(max_length=32)
    mod_count = models.BigIntegerField()
    approver = models.CharField(max_length=120, blank=True)
    person_id = models.CharField(max_length=16, blank=True)
    verdict = models.CharField(max_length=20)
    counts = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "record", "mod_count"], name="one_assent_a_state_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} of {self.change_digest[:12]}"
