"""Mail addresses of sources: the number of the source, a full stop, and a secret made of its token's digest.

The token itself is in no mail address: servers write addresses into logs and headers. From such an address nobody gets
to the hook, and a new token makes a new one. Letters are all small, because many a program makes them small.
"""

import base64
import hmac
import re
from typing import Final

from django.utils.crypto import salted_hmac

from connectors.models import Source
from connectors.sources.services.email import Email

MAILBOX: Final = re.compile(r"([1-9][0-9]{0,17})\.([a-z2-7]{26})")
SECRET_BYTES: Final = 16


def mailbox_of(source: Source) -> str:
    """The local part of a source's address; empty for kinds that take no mail."""
    return f"{source.pk}.{_secret(source)}" if source.kind == Email.slug else ""


def source_of(address: str) -> Source | None:
    """The active source to whose mailbox this goes, at any domain."""
    found = MAILBOX.fullmatch(address.rpartition("@")[0].lower())
    if found is None:
        return None
    source = Source.objects.filter(pk=int(found[1]), kind=Email.slug, is_active=True).first()
    if source is None or source.certificates:  # no mail comes with a client certificate
        return None
    return source if hmac.compare_digest(_secret(source), found[2]) else None


def _secret(source: Source) -> str:
    made = salted_hmac("countersign.mailbox", source.token_sha256, algorithm="sha256").digest()[:SECRET_BYTES]
    return base64.b32encode(made).decode().rstrip("=").lower()
