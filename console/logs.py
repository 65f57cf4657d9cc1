"""What must not reach a log."""

import logging
import re

SECRETS = re.compile(
    r"(/hooks/[^/\s]+/|/sign-in/|Bearer\s+)[A-Za-z0-9_\-.~+/=]{8,}|\b([0-9]+\.)[A-Za-z2-7]{26}(?![A-Za-z2-7])"
)


class MaskTokens(logging.Filter):
    """Blank the token in hook URLs, mail addresses, sign-in links and bearer headers, wherever it appears."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always let it pass."""
        message = record.getMessage()
        masked = SECRETS.sub(_mask, message)
        if masked != message:
            record.msg, record.args = masked, ()
        request = getattr(record, "request", None)  # Django adds it, and its text holds the path
        if request is not None:
            record.request = SECRETS.sub(_mask, str(request))
        return True


def _mask(found: "re.Match[str]") -> str:
    return f"{found[1] or found[2]}[masked]"
