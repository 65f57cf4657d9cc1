"""Let a topic of Amazon SNS post to a source, because a person says that it is theirs."""

import json
from typing import Any

from django.db import transaction

from audit import ledger
from connectors import http
from connectors.finding import kept_source
from connectors.models import Delivery, Source
from connectors.sources.cloud import sns
from core import live
from core.actors import Actor
from core.errors import BadInputError, ConsoleError, NotFoundError, WrongStateError

LOOKED_AT = 200
"""The source's newest signed messages, among which the topic's own is looked for."""


class NotConfirmedError(ConsoleError):
    """Amazon did not confirm the subscription."""

    code, status, title = "not-confirmed", 502, "Not confirmed"


def confirm_topic(slug: str, topic: str, *, actor: Actor) -> Source:
    """Confirm the subscription that a topic asked for, and take its messages from now on and no unsigned ones.

    The address that confirms is Amazon's, put together from a message that Amazon signed. Safe to run twice.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        NotFoundError: There is no such source, or it has heard nothing signed of this topic.
        BadInputError: It is no source of AWS.
        NotConfirmedError: Amazon said no, or did not answer.
    """
    source = kept_source(slug, actor=actor, lock=False)
    if source.kind != "aws":
        detail = f"{source.name} is no source of AWS; there are no topics to confirm."
        raise BadInputError(detail)
    if topic in source.topics:
        detail = f"{topic[:300]} is confirmed already."
        raise WrongStateError(detail)
    message, delivery = _heard(source, topic)
    if message["Type"] == "SubscriptionConfirmation":
        _subscribe(message)
    return _bind(source, topic, delivery, actor=actor)


def _heard(source: Source, topic: str) -> tuple[dict[str, Any], Delivery]:
    """The topic's newest request to be confirmed, else a message that shows that it is subscribed already."""
    signed = Delivery.objects.filter(source=source, verdict=sns.VERDICT).order_by("-id")[:LOOKED_AT]
    told = [(json.loads(bytes(delivery.body)), delivery) for delivery in signed]
    found = [one for one in told if one[0].get("TopicArn") == topic]
    asked = [one for one in found if one[0]["Type"] == "SubscriptionConfirmation"]
    other = [one for one in found if one[0]["Type"] == "Notification"]
    if not asked and not other:
        detail = f"Nothing signed has come of {topic[:300]}. Subscribe the source's address to it first."
        raise NotFoundError(detail)
    return (asked or other)[0]


def _subscribe(message: dict[str, Any]) -> None:
    url = sns.confirmation_url(message)
    if not url:
        detail = "The message's SubscribeURL is none of Amazon SNS for this topic. Nothing was fetched."
        raise BadInputError(detail)
    try:
        reply = http.send("GET", url, max_bytes=64_000)
    except http.UnreachableError as error:
        raise NotConfirmedError(error.detail) from error
    if not reply.is_ok:
        detail = f"Amazon answered {reply.status}. The request may be older than three days: ask for it again in SNS."
        raise NotConfirmedError(detail)


@transaction.atomic
def _bind(source: Source, topic: str, delivery: Delivery, *, actor: Actor) -> Source:
    locked = Source.objects.select_for_update().get(pk=source.pk)
    if topic not in locked.topics:
        locked.topics = [*locked.topics, topic]
        locked.save(update_fields=["topics"])
        facts = {"topic": topic, "delivery": delivery.uid}
        ledger.append(actor=actor, verb="source.topic_confirmed", subject=f"source:{locked.slug}", facts=facts)
        live.changed("sources")
    return locked
