"""Refuse to freeze secrets: a change is kept for ever and shown to many."""

import re
from collections.abc import Iterable
from typing import Final

FORMS: Final = (
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    ("a password in a URL", re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]+:(?!\*+@|<)[^\s/@]{3,}@", re.IGNORECASE)),
    ("a bearer token", re.compile(r"\bauthorization\W{1,4}(?:bearer|basic)\s+[A-Za-z0-9+/_.=-]{12,}", re.IGNORECASE)),
    (
        "a password or key",
        re.compile(
            r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|client[_-]?secret)"
            r"[\"']?\s*[:=]\s*[\"']?(?!\s|\*{3}|<|\$\{|\{\{|null\b|none\b|true\b|false\b|secret_ref)[^\s\"',}]{6,}",
            re.IGNORECASE,
        ),
    ),
)
"""What is refused, by name. Obvious forms only: a scanner is the last net, secret references are the rule."""


def found_in(texts: Iterable[tuple[str, str]]) -> str:
    """Where the first secret stands and what it looks like, never the secret itself; empty if there is none.

    Args:
        texts: pairs of a place, as people call it, and the text there.
    """
    for place, text in texts:
        for kind, form in FORMS:
            if form.search(text):
                return f"{place} holds what looks like {kind}"
    return ""
