"""Read kept bytes back, and trust nothing but their digest."""

from audit.errors import TamperedError
from audit.models import Document
from core.errors import NotFoundError
from proof import canonical


def fetch(sha256: str) -> bytes:
    """The bytes with that digest.

    Raises:
        NotFoundError: None such is kept.
        TamperedError: What is stored under that digest has another.
    """
    row = Document.objects.filter(pk=sha256).values_list("content", flat=True).first()
    if row is None:
        detail = f"No document {sha256[:12]} is kept here."
        raise NotFoundError(detail, sha256=sha256)
    content = bytes(row)
    found = canonical.sha256(content)
    if found != sha256:
        detail = (
            f"The document {sha256[:12]} was changed: its bytes now hash to {found[:12]}. Run ./manage.py audit fsck."
        )
        raise TamperedError(detail, sha256=sha256, found=found)
    return content
