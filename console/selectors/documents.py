"""Stored bytes, hashed again before a page believes them."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from audit.models import Document
from core.errors import NotFoundError, RefusedError


def read(sha256: str) -> Document:
    """A stored document.

    Raises:
        NotFoundError: Nothing is stored under this digest.
        RefusedError: What is stored does not match it.
    """
    found = Document.objects.filter(pk=sha256).first()
    if found is None:
        detail = "Nothing is stored under this digest."
        raise NotFoundError(detail)
    if hashlib.sha256(found.content).hexdigest() != sha256:
        detail = (
            "What is stored under this digest no longer matches it. Run ./manage.py audit fsck; trust nothing here."
        )
        raise RefusedError(detail, sha256=sha256)
    return found


def read_many(digests: Iterable[str]) -> dict[str, bytes]:
    """Those of the documents that are there and intact, in one query."""
    wanted = {digest for digest in digests if digest}
    rows = Document.objects.filter(pk__in=wanted).values_list("sha256", "content") if wanted else []
    return {sha: bytes(content) for sha, content in rows if hashlib.sha256(content).hexdigest() == sha}


def parsed(content: bytes) -> dict[str, Any]:
    """JSON bytes as an object; anything else is empty."""
    try:
        value = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return {}
    return value if isinstance(value, dict) else {}
