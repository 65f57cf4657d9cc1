"""Stop telling a webhook for good."""

from django.db import transaction

from audit import ledger
from connectors.outbound.keeping import locked
from core import live
from core.actors import Actor


@transaction.atomic
def remove_webhook(name: str, *, actor: Actor) -> None:
    """Forget its address, its secrets and what was delivered; the ledger keeps that it was there.

    Raises:
        NotPermittedError: The actor is not an admin.
        NotFoundError: There is no such webhook.
    """
    webhook = locked(name, actor=actor)

    webhook.delete()

    ledger.append(actor=actor, verb="webhook.removed", subject=f"webhook:{webhook.name}")
    live.changed("webhooks")
