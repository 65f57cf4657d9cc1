"""Stop taking what a source sends."""

from django.db import transaction

from audit import ledger
from connectors.models import Source
from connectors.permissions import grants
from core import live
from core.actors import Actor
from core.errors import NotFoundError, WrongStateError
from core.permissions import Permission


@transaction.atomic
def pause_source(slug: str, *, actor: Actor) -> Source:
    """Refuse this source's deliveries until it is resumed; what was accepted before is still read.

    Raises:
        NotFoundError: There is no such source.
        NotPermittedError: The actor is a person without the admin's role.
        WrongStateError: It is paused already.
    """
    source = Source.objects.select_for_update().filter(slug=slug).first()
    grants.require(Permission.SOURCE_ADD, actor, source)
    if source is None:
        detail = f"There is no source {slug[:80]!r}."
        raise NotFoundError(detail)
    if not source.is_active:
        detail = f"{source.name} is paused already."
        raise WrongStateError(detail)

    source.is_active = False
    source.save(update_fields=["is_active"])

    ledger.append(actor=actor, verb="source.paused", subject=f"source:{slug}", facts={"name": source.name})
    live.changed("queue", "sources")
    return source
