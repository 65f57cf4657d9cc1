"""Refusals as problem details (RFC 9457), for callers below Django too."""

import json
from typing import Any

from core.errors import ConsoleError

CONTENT_TYPE = "application/problem+json"


def problem(error: ConsoleError) -> bytes:
    """The body of a refusal."""
    said: dict[str, Any] = {
        "type": f"urn:countersign:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.facts,
    }
    return json.dumps(said).encode()
