"""Make a webhook endpoint."""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from audit import ledger
from connectors.intake.mailboxes import mailbox_of
from connectors.models import Source
from connectors.permissions import grants
from connectors.registry import alert_source
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission
from incidents.autonomy import LEVELS

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A source with its address; the token in it is known now and never again."""

    source: Source
    token: str

    @property
    def url(self) -> str:
        """Where the sender posts to."""
        return f"{settings.PUBLIC_URL}/hooks/{self.source.kind}/{self.token}"

    @property
    def mailbox(self) -> str:
        """The local part of its mail address; empty for kinds that take no mail."""
        return mailbox_of(self.source)


@transaction.atomic
def add_source(kind: str, name: str, *, autonomy: str = "observe", actor: Actor) -> Endpoint:
    """Make a source that may post to its own address; agents may do at most `autonomy` about what it reports.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: There is no such kind.
        BadInputError: The name is empty or taken, or there is no such autonomy.
    """
    grants.require(Permission.SOURCE_ADD, actor)
    adapter = alert_source(kind)
    slug = slugify(name)[:80]
    if not slug or len(name) > 120:
        detail = "Give the source a name of 1 to 120 characters with a letter or a digit in it."
        raise BadInputError(detail)
    if autonomy not in LEVELS:
        detail = f"Autonomy is one of {', '.join(LEVELS)}."
        raise BadInputError(detail)
    if Source.objects.filter(slug=slug).exists():
        detail = (
            f"There is already a source {slug}. Choose another name, or give it a new address: source renew {slug}."
        )
        raise BadInputError(detail, slug=slug)

    token = new_token()
    source = Source.objects.create(
        slug=slug,
        kind=adapter.slug,
        name=name,
        token_sha256=digest_of(token),
        autonomy=autonomy,
        created_at=clock.now(),
    )
    facts = {"name": name, "kind": source.kind, "autonomy": autonomy}
    ledger.append(actor=actor, verb="source.added", subject=f"source:{slug}", facts=facts)
    live.changed("queue", "sources")
    return Endpoint(source=source, token=token)


def new_token() -> str:
    """A token nobody can guess, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What we keep of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
