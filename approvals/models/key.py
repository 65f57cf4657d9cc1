"""People's public keys: index rows over the signed registry, which alone counts."""

from django.db import models


class PersonKey(models.Model):
    """A public key of a person, as the pages show it.

    Attributes:
        key_id: SHA-256 of the SubjectPublicKeyInfo (for sk keys: of the SSH wire blob), lower-case hex.
        key_class: webauthn, ssh-file, ssh-sk, ssh-sk-uv.
        public: SPKI PEM, or the OpenSSH line for SSH keys.
        credential_id: base64url of the WebAuthn credential, else empty.
        sign_count: last WebAuthn counter seen; a regression is shown, never decides.
        registry_version: the version that lists it first.
        compromised_since: the ledger entry from which on it was not its owner's alone; -1 if none is named.
    """

    key_id = models.CharField(max_length=64, primary_key=True)
    person_id = models.CharField(max_length=16, db_index=True)
    key_class = models.CharField(max_length=12)
    label = models.CharField(max_length=80)
    public = models.TextField()
    credential_id = models.CharField(max_length=400, blank=True, db_index=True)
    origin = models.CharField(max_length=200, blank=True)
    backup_eligible = models.BooleanField(default=False)
    sign_count = models.BigIntegerField(default=0)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    registry_version = models.PositiveIntegerField(default=0)
    compromised_since = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"{self.label} {self.key_id[:12]}"


class RegistryVersion(models.Model):
    """One version of the signed registry; document and signature are `audit.Document`s."""

    version = models.PositiveIntegerField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    signature_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"registry {self.version}"


class EnrolmentChallenge(models.Model):
    """A challenge handed out to prove that somebody holds a new key: once, to one person, in one session.

    Attributes:
        challenge: 256 random bits in hex.
        purpose: `passkey`.
        session: digest of what the challenge is bound to beside the person: the browser session or the API token.
    """

    challenge = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=10)
    person_id = models.CharField(max_length=16, db_index=True)
    session = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} challenge of {self.person_id}"
