"""A signed-in browser, as its person sees it and can end it."""

import hashlib
from typing import ClassVar

from django.db import models

from people.models.person import Person


def public_id(session_key: str) -> str:
    """What names a session on pages and in announcements: it opens nothing."""
    return hashlib.sha256(session_key.encode("utf-8")).hexdigest()[:32]


class BrowserSession(models.Model):
    """A session; the framework's own row holds its data and goes when it ends.

    Attributes:
        id: digest of the session's key.
        session_key: as the framework's row is called.
        how: passkey, oidc, link, or empty where a test or a command made it.
        serves: `console` or `sign`: where it is good for.
        browser: what the browser called itself, for its owner to recognise it.
        seen_at: when its person last did something; open pages that refresh themselves do not count.
    """

    id = models.CharField(max_length=32, primary_key=True)
    session_key = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="browser_sessions")
    how = models.CharField(max_length=10, blank=True)
    serves = models.CharField(max_length=10)
    browser = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-seen_at"], name="session_person_seen")]

    def __str__(self) -> str:
        return f"{self.how} {self.id[:8]}"
