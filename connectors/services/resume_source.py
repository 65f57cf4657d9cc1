"""Take what a paused source sends again."""

from django.db import transaction

from audit import ledger
from connectors.finding import kept_source
from connectors.models import Source
from core import live
from core.actors import Actor
from core.errors import WrongStateError


@transaction.atomic
def resume_source(slug: str, *, actor: Actor) -> Source:
    """Accept this source's deliveries at its address as before.

    Raises:
        NotFoundError: There is no such source.
        NotPermittedError: The actor is a person without the admin's role.
        WrongStateError: It is not paused.
    """
    source = kept_source(slug, actor=actor)
    if source.is_active:
        detail = f"{source.name} is not paused."
        raise WrongStateError(detail)

    source.is_active = True
    source.save(update_fields=["is_active"])

    ledger.append(actor=actor, verb="source.resumed", subject=f"source:{slug}", facts={"name": source.name})
    live.changed("queue", "sources")
    return source
