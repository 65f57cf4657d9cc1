"""How a person comes in from outside: accounts at the identity provider, and passkeys for signing in."""

from typing import ClassVar

from django.db import models

from people.models.person import Person


class Account(models.Model):
    """An account at an identity provider. What names it is issuer and subject, never an address or a name.

    Attributes:
        person: whose it is; several accounts may be one person's.
        groups: what the provider said at the last sign-in, for the page; they count for nothing by themselves.
    """

    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accounts")
    name = models.CharField(max_length=120, blank=True)
    groups = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_a_subject")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class AccountProof(models.Model):
    """That one browser showed to hold a person's session and, right then, another person's account.

    Attributes:
        person: who was signed in; other: whose account was shown.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="proofs")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="proofs_by_others")
    proved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "other"], name="one_proof_a_pair")]

    def __str__(self) -> str:
        return f"{self.person_id} and {self.other_id}"


class SignInPasskey(models.Model):
    """A passkey that signs a person in and signs nothing else; signing keys are other credentials.

    Attributes:
        credential_id: base64url, as browsers send it.
        public_key: COSE key.
    """

    credential_id = models.CharField(max_length=1400, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="passkeys")
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=80)
    rp_id = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label
