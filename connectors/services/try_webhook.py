"""Send a webhook one event to try it."""

import secrets

from django.db import transaction

from audit import keystore, ledger
from connectors.outbound import events, wire
from connectors.outbound.keeping import locked
from connectors.outbound.letters import letter_to
from connectors.outbound.retrying import Answer
from core import clock
from core.actors import Actor

TYPE = "countersign.webhook.tried"


def try_webhook(name: str, *, actor: Actor) -> Answer:
    """Send it an event that means nothing, once, and say what it answered; also while it is paused.

    Raises:
        NotPermittedError: The actor is not an admin.
        NotFoundError: There is no such webhook.
    """
    with transaction.atomic():
        webhook = locked(name, actor=actor)
    now, uid = clock.now(), secrets.token_hex(16)
    body = events.envelope(
        id_=uid,
        installation=keystore.installation(),
        type_=TYPE,
        subject=f"webhook:{webhook.name}",
        at=clock.rfc3339(now),
        sequence="",
        data={"actor": actor.id, "note": "This is a test. Nothing happened."},
    )
    answer = wire.post(letter_to(webhook, uid, body, now))
    with transaction.atomic():
        facts = {"status": answer.status, "trouble": answer.trouble}
        ledger.append(actor=actor, verb="webhook.tried", subject=f"webhook:{webhook.name}", facts=facts)
    return answer
