"""Stop telling a webhook, for a while."""

from django.db import transaction

from audit import ledger
from connectors.models import Webhook
from connectors.outbound.keeping import locked
from core import live
from core.actors import Actor
from core.errors import WrongStateError


@transaction.atomic
def pause_webhook(name: str, *, actor: Actor) -> Webhook:
    """Send nothing until it is resumed; what happens meanwhile waits for it.

    Raises:
        NotPermittedError: The actor is not an admin.
        NotFoundError: There is no such webhook.
        WrongStateError: It is paused already.
    """
    webhook = locked(name, actor=actor)
    if not webhook.is_active:
        detail = f"{webhook.name} is paused already."
        raise WrongStateError(detail)

    webhook.is_active, webhook.paused_because = False, ""
    webhook.save(update_fields=["is_active", "paused_because"])

    ledger.append(actor=actor, verb="webhook.paused", subject=f"webhook:{webhook.name}", facts={"why": ""})
    live.changed("webhooks")
    return webhook
