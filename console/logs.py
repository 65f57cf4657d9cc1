"""What must not reach a log."""

import logging
import re

SECRETS = re.compile(r"(/hooks/[^/\s]+/|/sign-in/|Bearer\s+)[A-Za-z0-9_\-.~+/=]{8,}")


class MaskTokens(logging.Filter):
    """Blank the token in hook URLs, sign-in links and bearer headers, wherever it appears."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always let it pass."""
        message = record.getMessage()
        masked = SECRETS.sub(r"\1[masked]", message)
        if masked != message:
            record.msg, record.args = masked, ()
        request = getattr(record, "request", None)  # Django adds it, and its text holds the path
        if request is not None:
            record.request = SECRETS.sub(r"\1[masked]", str(request))
        return True
