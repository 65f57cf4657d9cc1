"""Stop taking what a source sends."""

from django.db import transaction

from audit import ledger
from connectors.finding import kept_source
from connectors.models import Source
from core import live
from core.actors import Actor
from core.errors import WrongStateError


@transaction.atomic
def pause_source(slug: str, *, actor: Actor) -> Source:
    """Refuse this source's deliveries until it is resumed; what was accepted before is still read.

    Raises:
        NotFoundError: There is no such source.
        NotPermittedError: The actor is a person without the admin's role.
        WrongStateError: It is paused already.
    """
    source = kept_source(slug, actor=actor)
    if not source.is_active:
        detail = f"{source.name} is paused already."
        raise WrongStateError(detail)

    source.is_active = False
    source.save(update_fields=["is_active"])

    ledger.append(actor=actor, verb="source.paused", subject=f"source:{slug}", facts={"name": source.name})
    live.changed("queue", "sources")
    return source
