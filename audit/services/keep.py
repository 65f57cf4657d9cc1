"""Keep bytes for ever, addressed by what they are."""

from django.db import transaction

from audit.models import Document
from core import clock
from proof import canonical


@transaction.atomic
def keep(media_type: str, content: bytes) -> str:
    """Store a document once, however often it is given, and return its SHA-256 in hex."""
    digest = canonical.sha256(content)
    if not Document.objects.filter(pk=digest).exists():
        document = Document(sha256=digest, media_type=media_type, content=content, created_at=clock.now())
        # Two who keep the same bytes at the same moment on PostgreSQL: the later one finds it there, and that is well.
        Document.objects.bulk_create([document], ignore_conflicts=True)
    return digest
