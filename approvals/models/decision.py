"""Signed decisions over changes."""

from django.db import models

from approvals.models.request import ApprovalRequest
from approvals.models.standing import StandingApproval


class SigningTemplate(models.Model):
    """A statement handed out to be signed, once, by one person, for one request or one standing approval.

    Attributes:
        nonce: 128 random bits in hex, inside the statement.
        statement: the canonical bytes with the fields that the signer may fill in left at their defaults.
        session: digest of the browser session or token that it went to; empty where none was asked over.
        comment_salt: 128 random bits; the comment stands in the statement as SHA-256(salt || comment) alone.
    """

    nonce = models.CharField(max_length=32, primary_key=True)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, null=True)
    standing = models.ForeignKey(StandingApproval, on_delete=models.CASCADE, null=True)
    person_id = models.CharField(max_length=16)
    session = models.CharField(max_length=64, blank=True)
    statement = models.BinaryField()
    comment_salt = models.BinaryField(default=bytes)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.nonce


class Decision(models.Model):
    """An index row over a signed statement; only the statement and its signature count.

    Attributes:
        statement_sha256: digest of the statement's canonical bytes; a decision is unique by it.
        sidecar_sha256: the `audit.Document` with statement and signature.
        verdict: approve, reject, abstain, revoke.
        person_id: empty for the policy service.
        key_class: of the signature as it was made.
        delegation: digest of the signed act that lent the right to sign, or empty.
        is_override: whether one person took it on themselves.
        viewed_ms, sections_seen: what the signer's side claims, as signed.
    """

    statement_sha256 = models.CharField(max_length=64, primary_key=True)
    sidecar_sha256 = models.CharField(max_length=64)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="decisions")
    change_digest = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(max_length=10)
    person_id = models.CharField(max_length=16, blank=True, db_index=True)
    key_id = models.CharField(max_length=64)
    key_class = models.CharField(max_length=12, blank=True)
    delegation = models.CharField(max_length=64, blank=True)
    is_override = models.BooleanField(default=False)
    viewed_ms = models.BigIntegerField(default=0)
    sections_seen = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    comment_salt = models.BinaryField(default=bytes)
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verdict} {self.change_digest[:12]}"
