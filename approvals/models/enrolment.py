"""Keys on their way into the registry."""

from django.db import models

from approvals.models.draft import Draft


class EnrolmentState(models.TextChoices):
    """How far a new key has come."""

    PROVING = "PROVING"
    VOUCHING = "VOUCHING"
    DRAFTED = "DRAFTED"
    LISTED = "LISTED"
    ENDED = "ENDED"


class Enrolment(models.Model):
    """A key that somebody wants to sign with: proved, vouched for, then listed.

    Attributes:
        key: the new key's fields (`registry_documents.NewKey`).
        how: `passkey`, `ssh`, or `ssh-file-on-host`.
        session: digest of the browser session or token that it belongs to.
        proof_sha256: sidecar of the act by which the new key showed that it is held.
        voucher_sha256: sidecar of the act by which an older key of the same person vouched for it.
        invited: whether an invitation by a key-admin or the host stands for the older key.
        is_lost: whether the person says that they have lost all older keys; the key-admins decide, in person.
        note: why it ended.
    """

    person_id = models.CharField(max_length=16, db_index=True)
    key_id = models.CharField(max_length=64, db_index=True)
    key = models.JSONField()
    how = models.CharField(max_length=20)
    session = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=EnrolmentState.choices, default=EnrolmentState.PROVING)
    proof_sha256 = models.CharField(max_length=64, blank=True)
    voucher_sha256 = models.CharField(max_length=64, blank=True)
    invited = models.BooleanField(default=False)
    is_lost = models.BooleanField(default=False)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="enrolments")
    note = models.CharField(max_length=400, blank=True)
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"enrolment {self.pk} {self.state}"


class Invitation(models.Model):
    """A code by which a key-admin or the host lets one person enrol a key without an older one; used once.

    Attributes:
        code_sha256: of the code, which is shown once.
        made_by: as the ledger writes it.
    """

    code_sha256 = models.CharField(max_length=64, primary_key=True)
    person_id = models.CharField(max_length=16, db_index=True)
    made_by = models.CharField(max_length=120)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation for {self.person_id}"
