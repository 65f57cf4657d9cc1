"""Drafts: the next registry or policy while the root's signatures over it are collected."""

from typing import ClassVar

from django.db import models


class DraftKind(models.TextChoices):
    """What a draft becomes."""

    REGISTRY = "registry"
    POLICY = "policy"


class DraftState(models.TextChoices):
    """Where a draft stands; one of a kind is open at a time."""

    WAITING = "WAITING"
    OPEN = "OPEN"
    PUBLISHED = "PUBLISHED"
    VOIDED = "VOIDED"


class Draft(models.Model):
    """A document that takes effect when the threshold of the root before it and of its own root have signed it.

    Attributes:
        edits: what the next registry will say otherwise, as data, so that a draft that had to wait can be built anew.
        document_sha256: the bytes to sign; empty while it waits. `signature_file` holds what was signed so far.
        version: of the registry or policy that it becomes; 0 while it waits.
        asked_by: who asked, as the ledger writes it.
        why: the verb behind it.
        note: why it was voided, or what must be known about it.
    """

    kind = models.CharField(max_length=10, choices=DraftKind.choices)
    state = models.CharField(max_length=10, choices=DraftState.choices, default=DraftState.WAITING, db_index=True)
    edits = models.JSONField(default=list)
    document_sha256 = models.CharField(max_length=64, blank=True)
    signature_file = models.BinaryField(default=bytes)
    version = models.PositiveIntegerField(default=0)
    asked_by = models.CharField(max_length=120)
    why = models.CharField(max_length=40)
    note = models.CharField(max_length=400, blank=True)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(state="OPEN"), name="one_open_draft_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} draft {self.pk} {self.state}"


class DraftSignature(models.Model):
    """Who signed a draft's document, for the pages; the signature was verified and stands in the draft's file.

    Attributes:
        person_id: whose key; empty for the installation's and the recovery key.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="signatures")
    key_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=16, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "key_id"], name="one_signature_a_key")]

    def __str__(self) -> str:
        return f"signature of {self.key_id[:12]} on draft {self.draft_id}"
