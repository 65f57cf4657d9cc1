"""Read kept bytes back, and trust nothing but their digest."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from audit.errors import TamperedError
from audit.models import Document
from core.errors import NotFoundError
from proof import canonical

_remembered: ContextVar[dict[str, bytes] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Read each document at most once in here; for what only reads, such as a page.

    What was found under a digest has that digest, whatever becomes of the row meanwhile.
    """
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def fetch(sha256: str) -> bytes:
    """The bytes with that digest.

    Raises:
        NotFoundError: None such is kept.
        TamperedError: What is stored under that digest has another.
    """
    remembered = _remembered.get()
    if remembered is not None and sha256 in remembered:
        return remembered[sha256]
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
    if remembered is not None:
        remembered[sha256] = content
    return content
