"""Give a source a new address; the old one stops working."""

from django.db import transaction

from audit import ledger
from connectors.finding import kept_source
from connectors.services.add_source import Endpoint, digest_of, new_token
from core import live
from core.actors import Actor


@transaction.atomic
def renew_source(slug: str, *, actor: Actor) -> Endpoint:
    """Replace a source's token.

    Raises:
        NotFoundError: There is no such source.
        NotPermittedError: The actor is a person without the admin's role.
    """
    source = kept_source(slug, actor=actor)

    token = new_token()
    source.token_sha256 = digest_of(token)
    source.save(update_fields=["token_sha256"])

    ledger.append(actor=actor, verb="source.renewed", subject=f"source:{slug}")
    live.changed("sources")
    return Endpoint(source=source, token=token)
