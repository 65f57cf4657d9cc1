"""What marks the mail that we send ourselves, so that none of it comes back as somebody's alert."""

import secrets
from typing import Final

HEADER: Final = "X-Countersign-Notice"
SUBJECT: Final = "Countersign: "
MARK: Final = "countersign-notice."


def headers() -> dict[str, str]:
    """The headers of one notice of ours; replies name its id, and no program answers it (RFC 3834)."""
    return {
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{MARK}{secrets.token_hex(16)}@countersign.invalid>",
        HEADER: "yes",
        "X-Auto-Response-Suppress": "All",
    }
