"""Begin to tell an address what happens."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from audit import ledger
from connectors.models import Webhook
from connectors.outbound.events import patterns_of
from connectors.outbound.keeping import latest_seq, new_secret, require_address, sealed
from connectors.permissions import grants
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A webhook with its signing secret, which is known now and never again."""

    webhook: Webhook
    secret: str


def add_webhook(name: str, url: str, events: Iterable[str], *, actor: Actor) -> Made:
    """Tell this address of what happens from now on, where it is of one of these types.

    Raises:
        NotPermittedError: The actor is not an admin: a webhook is told what an admin may read.
        BadInputError: The name is taken or none, the address may not be posted to, or there is no such type.
    """
    grants.require(Permission.WEBHOOK_KEEP, actor)
    if not NAME.fullmatch(name):
        detail = "Give the webhook a name of 1 to 60 lower-case letters, digits and hyphens, such as chat."
        raise BadInputError(detail)
    patterns, host = patterns_of(events), require_address(url)
    return _made(name, url, patterns, host, actor=actor)


@transaction.atomic
def _made(name: str, url: str, patterns: list[str], host: str, *, actor: Actor) -> Made:
    if Webhook.objects.filter(name=name).exists():
        detail = f"There is already a webhook {name}. Choose another name, or remove that one."
        raise BadInputError(detail, name=name)
    secret = new_secret()
    webhook = Webhook.objects.create(
        name=name,
        url=url,
        events=patterns,
        secret=sealed(secret),
        created_by=actor.id,
        created_at=clock.now(),
        next_seq=latest_seq() + 1,
    )
    facts = {"host": host, "events": patterns}
    ledger.append(actor=actor, verb="webhook.added", subject=f"webhook:{name}", facts=facts)
    live.changed("webhooks")
    return Made(webhook=webhook, secret=secret)
