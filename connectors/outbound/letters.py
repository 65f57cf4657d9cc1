"""What is sent to a webhook at one attempt: the event, dated and signed."""

from datetime import datetime

from django.conf import settings

from audit import keystore
from audit.models import Leaf
from audit.selectors import facts_of
from connectors.models import Webhook
from connectors.outbound import signing
from connectors.outbound.events import CONTENT_TYPE, Happened, cloud_event
from connectors.outbound.keeping import secrets_of
from connectors.outbound.wire import Letter
from core import clock
from proof.documents import parse_entry


def happened(leaf: Leaf) -> Happened:
    """A record of the ledger, as events are made of it."""
    entry = leaf.entry
    return Happened(
        uid=entry.uid,
        seq=leaf.seq,
        at=clock.rfc3339(entry.at),
        verb=entry.verb,
        subject=entry.subject,
        actor=entry.actor,
        about=tuple(parse_entry(bytes(entry.body)).about),
        facts=facts_of(entry),
        leaf_hash=bytes(leaf.leaf_hash).hex(),
    )


def body_of(one: Happened) -> bytes:
    """The CloudEvent that tells it."""
    return cloud_event(one, installation=keystore.installation(), console=settings.PUBLIC_URL)


def letter_to(webhook: Webhook, uid: str, body: bytes, now: datetime) -> Letter:
    """The event in a letter that is signed now. Its id stays the same at every attempt, its time does not."""
    timestamp = int(now.timestamp())
    signed = signing.signature(secrets_of(webhook, now), message_id=uid, timestamp=timestamp, body=body)
    headers = (
        ("Content-Type", CONTENT_TYPE),
        ("User-Agent", "Countersign"),
        ("webhook-id", uid),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signed),
    )
    return Letter(url=webhook.url, headers=headers, body=body)
