"""Secrets that people hold; we keep only their digests."""

from django.db import models

from people.models.person import Person


class SignInLink(models.Model):
    """A one-time link, in the embedded mode on loopback only."""

    token_sha256 = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link of {self.person_id}"


class ApiToken(models.Model):
    """A bearer token with scopes.

    Attributes:
        label: what its person calls it.
        last_used_at: to the minute.
    """

    token_sha256 = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80, blank=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token of {self.person_id}"

    @property
    def public_id(self) -> str:
        """What names it on pages: it opens nothing."""
        return str(self.token_sha256)[:16]
