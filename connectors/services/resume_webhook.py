"""Go on telling a webhook."""

from django.db import transaction

from audit import ledger
from connectors.models import Webhook
from connectors.outbound.keeping import latest_seq, locked
from core import live
from core.actors import Actor
from core.errors import BadInputError, WrongStateError

SKIPS = ("nothing", "one", "all")


@transaction.atomic
def resume_webhook(name: str, *, skip: str = "nothing", actor: Actor) -> Webhook:
    """Go on where it stopped; or pass over the one record that it would not take, or over all that waits.

    Raises:
        NotPermittedError: The actor is not an admin.
        NotFoundError: There is no such webhook.
        BadInputError: `skip` is none of `nothing`, `one` and `all`.
        WrongStateError: It is not paused.
    """
    webhook = locked(name, actor=actor)
    if skip not in SKIPS:
        detail = f"What is skipped is one of {', '.join(SKIPS)}."
        raise BadInputError(detail)
    if webhook.is_active:
        detail = f"{webhook.name} is not paused."
        raise WrongStateError(detail)

    stood = webhook.next_seq
    webhook.next_seq = {"nothing": stood, "one": stood + 1, "all": max(latest_seq() + 1, stood)}[skip]
    webhook.is_active, webhook.paused_because, webhook.error = True, "", ""
    webhook.attempts, webhook.due_at = 0, None
    webhook.save(update_fields=["next_seq", "is_active", "paused_because", "error", "attempts", "due_at"])

    facts = {"skipped": skip, "from": webhook.next_seq}
    ledger.append(actor=actor, verb="webhook.resumed", subject=f"webhook:{webhook.name}", facts=facts)
    live.changed("webhooks")
    return webhook
