"""Give a webhook a new signing secret."""

from datetime import timedelta

from django.db import transaction

from audit import ledger
from connectors.outbound.keeping import locked, new_secret, sealed
from connectors.secrets import unseal
from connectors.services.add_webhook import Made
from core import clock, live
from core.actors import Actor

BOTH = timedelta(hours=24)


@transaction.atomic
def rotate_webhook(name: str, *, at_once: bool = False, actor: Actor) -> Made:
    """Replace the secret; for a day both are signed with, unless the old one is to stop counting at once.

    Raises:
        NotPermittedError: The actor is not an admin.
        NotFoundError: There is no such webhook.
    """
    webhook = locked(name, actor=actor)

    secret, old = new_secret(), "" if at_once else unseal(webhook.secret)["current"]
    webhook.secret = sealed(secret, old)
    webhook.previous_until = clock.now() + BOTH if old else None
    webhook.save(update_fields=["secret", "previous_until"])

    facts = {"at_once": at_once}
    ledger.append(actor=actor, verb="webhook.rotated", subject=f"webhook:{webhook.name}", facts=facts)
    live.changed("webhooks")
    return Made(webhook=webhook, secret=secret)
