"""A question to policy and people: may this exact change run?"""

from typing import ClassVar

from django.db import models
from django_fsm import FSMField, FSMModelMixin, transition

from approvals.models.change import Change
from core.permissions import Places


class RequestState(models.TextChoices):
    """Where a request stands."""

    PENDING = "PENDING"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"
    WITHDRAWN = "WITHDRAWN"


class ApprovalRequest(FSMModelMixin, models.Model):
    """A request for approval of one change.

    Attributes:
        route: auto, notify, single, quorum.
        needed: how many people must sign; 0 where policy decides alone.
        sentence: why it is asked, as shown to people.
        rule: name of the policy rule that asked; `policy_sha256` the bundle it stands in.
        ruling: the stored inputs and outcome of the decision, replayable.
        expires_at: until when signatures are collected.
        not_before, execute_by: between them a granted change may start; null for as soon as it is granted.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="requests")
    state = FSMField(default=RequestState.PENDING, choices=RequestState.choices, protected=True, db_index=True)
    route = models.CharField(max_length=10)
    needed = models.PositiveIntegerField(default=0)
    sentence = models.CharField(max_length=500)
    rule = models.CharField(max_length=80)
    policy_sha256 = models.CharField(max_length=64)
    ruling = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    not_before = models.DateTimeField(null=True)
    execute_by = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["settled_at", "id"], name="request_settled")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change"], condition=models.Q(state="PENDING"), name="one_pending_request_a_change"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk} {self.state}"

    def places(self) -> Places:
        """Where its change lands, for roles that are held in a part."""
        return self.change.places()

    @property
    def is_pending(self) -> bool:
        """Whether signatures are still collected."""
        return bool(self.state == RequestState.PENDING)

    def last_said_by(self, person_id: str) -> str:
        """The last verdict of a person on it; empty if they said nothing."""
        said = self.decisions.filter(person_id=person_id).order_by("-decided_at", "-pk")
        return said.values_list("verdict", flat=True).first() or ""

    @transition(field=state, source=RequestState.PENDING, target=RequestState.GRANTED)
    def grant(self) -> None:
        """Enough of the right signatures are there."""

    @transition(field=state, source=[RequestState.PENDING, RequestState.GRANTED], target=RequestState.REJECTED)
    def reject(self) -> None:
        """Somebody who may said no."""

    @transition(field=state, source=RequestState.GRANTED, target=RequestState.PENDING)
    def reopen(self) -> None:
        """Somebody took their approval back before it was carried out, and it is short of one now."""

    @transition(field=state, source=RequestState.PENDING, target=RequestState.EXPIRED)
    def expire(self) -> None:
        """The time to collect signatures is over; that never approves."""

    @transition(field=state, source=[RequestState.PENDING, RequestState.GRANTED], target=RequestState.VOIDED)
    def void(self) -> None:
        """The change or the policy under it changed."""

    @transition(field=state, source=[RequestState.PENDING, RequestState.GRANTED], target=RequestState.WITHDRAWN)
    def withdraw(self) -> None:
        """Whoever asked no longer asks."""
