"""Keep many bytes for ever, addressed by what they are."""

from collections.abc import Sequence

from django.db import transaction

from audit.models import Document
from core import clock
from proof import canonical


@transaction.atomic
def keep_all(media_type: str, contents: Sequence[bytes]) -> list[str]:
    """Store documents once, however often they are given, and return their SHA-256 in hex, in the same order."""
    digests = [canonical.sha256(content) for content in contents]
    known = set(Document.objects.filter(pk__in=digests).values_list("pk", flat=True))
    now = clock.now()
    missing = {
        digest: Document(sha256=digest, media_type=media_type, content=content, created_at=now)
        for digest, content in zip(digests, contents, strict=True)
        if digest not in known
    }
    # Two who keep the same bytes at the same moment on PostgreSQL: the later one finds it there, and that is well. Both
    # write in one order, so that neither waits for the other in a ring.
    Document.objects.bulk_create([missing[digest] for digest in sorted(missing)], ignore_conflicts=True)
    return digests
