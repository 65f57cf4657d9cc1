"""What the verbs about webhooks share: which one is meant, its secrets, how it stands."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from audit.models import Leaf
from connectors.models import Webhook, WebhookDelivery
from connectors.outbound import signing
from connectors.outbound.addresses import refusal, target_of
from connectors.outbound.wire import resolved
from connectors.permissions import grants
from connectors.secrets import seal, unseal
from core import clock
from core.actors import Actor
from core.errors import BadInputError, NotFoundError
from core.permissions import Permission

WEBHOOKS = Actor(id="service:webhooks")


def webhook_of(name: str) -> Webhook:
    """The webhook of a name.

    Raises:
        NotFoundError: There is none.
    """
    return _there(Webhook.objects.all(), name)


def locked(name: str, *, actor: Actor) -> Webhook:
    """The webhook of a name, for a verb of this actor; call it in the verb's transaction.

    Raises:
        NotPermittedError: The actor is not an admin, and no command on this computer.
        NotFoundError: There is none.
    """
    grants.require(Permission.WEBHOOK_KEEP, actor)
    return _there(Webhook.objects.select_for_update(), name)


def require_address(url: str) -> str:
    """The host of an address that may be posted to now; each attempt looks again.

    Raises:
        BadInputError: It is no such address.
    """
    target = target_of(url)
    why = refusal(target, resolved(target), settings.WEBHOOK_NETWORKS)
    if why:
        raise BadInputError(why, host=target.host)
    return target.host


def new_secret() -> str:
    """A secret that nobody can guess."""
    return signing.written(secrets.token_bytes(signing.SECRET_BYTES))


def sealed(current: str, previous: str = "") -> bytes:
    """Secrets as they are kept."""
    return seal({"current": current, **({"previous": previous} if previous else {})})


def secrets_of(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that are signed with now, the newest first."""
    kept = unseal(webhook.secret)
    old = [kept["previous"]] if "previous" in kept and webhook.previous_until and now < webhook.previous_until else []
    return [kept["current"], *old]


def latest_seq() -> int:
    """The newest record of the ledger; -1 where there is none."""
    found = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    return -1 if found is None else found


def facts_of(webhook: Webhook, latest: int) -> Mapping[str, Any]:
    """How it stands, JSON-ready; its secret stands nowhere."""
    return {
        "name": webhook.name,
        "url": webhook.url,
        "events": webhook.events,
        "state": state_of(webhook),
        "why": webhook.paused_because or webhook.error,
        "attempts": webhook.attempts,
        "due_at": _told(webhook.due_at),
        "records_behind": max(latest + 1 - webhook.next_seq, 0),
        "delivered_at": _told(webhook.delivered_at),
        "previous_secret_until": _told(webhook.previous_until),
        "created_by": webhook.created_by,
        "created_at": _told(webhook.created_at),
    }


def state_of(webhook: Webhook) -> str:
    """`active`, `failing` (it is tried again), `paused` by a person, or `stopped` by itself."""
    if not webhook.is_active:
        return "stopped" if webhook.paused_because else "paused"
    return "failing" if webhook.attempts else "active"


def row_of(row: WebhookDelivery) -> Mapping[str, Any]:
    """One event to a webhook, JSON-ready."""
    return {
        "id": row.uid,
        "seq": row.seq,
        "type": row.type,
        "subject": row.subject,
        "attempts": row.attempts,
        "status": row.status,
        "error": row.error,
        "took_ms": row.took_ms,
        "tried_at": _told(row.tried_at),
        "is_delivered": row.is_delivered,
    }


def _told(moment: datetime | None) -> str | None:
    return clock.rfc3339(moment) if moment else None


def _there(rows: QuerySet[Webhook], name: str) -> Webhook:
    found = rows.filter(name=name.replace("\x00", "?")).first()
    if found is None:
        detail = f"There is no webhook {name[:60]!r}."
        raise NotFoundError(detail)
    return found
