"""Acts that people signed, and those handed out to be signed."""

from django.db import models


class ActTemplate(models.Model):
    """An act handed out to be signed: once, by one person, in one session, within five minutes.

    Attributes:
        nonce: 128 random bits in hex, inside the act.
        session: digest of what it is bound to beside the person: the browser session or the API token.
        statement: the canonical bytes, of which nothing may be changed.
    """

    nonce = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    person_id = models.CharField(max_length=16, db_index=True)
    key_id = models.CharField(max_length=64)
    session = models.CharField(max_length=64)
    statement = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.nonce}"


class SignedAct(models.Model):
    """An index row over a signed act; only the act and its signature, at their place in the ledger, count.

    Attributes:
        statement_sha256: digest of the act's canonical bytes; an act is unique by it.
        sidecar_sha256: the `audit.Document` with act and signature.
        entry_uid: of the ledger entry that recorded it.
        result: what its verb answered.
    """

    statement_sha256 = models.CharField(max_length=64, primary_key=True)
    sidecar_sha256 = models.CharField(max_length=64)
    entry_uid = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=20, db_index=True)
    subject = models.CharField(max_length=120, db_index=True)
    person_id = models.CharField(max_length=16, db_index=True)
    key_id = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
