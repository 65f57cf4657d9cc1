"""Secrets that are handed out once: 256 random bits, of which we keep only the digest.

A guess is compared by looking its digest up, so the time it takes says nothing about the secret.
"""

import hashlib
import secrets

BYTES = 32
PREFIX = "cs_"


def new() -> str:
    """A secret to hand out; its prefix lets scanners find it, and keeps a shell from taking it for an option."""
    return PREFIX + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is stored of a secret, and looked up when it comes back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
