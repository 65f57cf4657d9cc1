"""Whose ticket is it? An incident that began with a ticket of theirs is told there, and not in a second one."""

from collections.abc import Mapping

from connectors.base import RawDelivery
from connectors.intake import strict_json
from connectors.models import Delivery, Ticket
from connectors.registry import alert_source
from core.errors import ConsoleError
from incidents.models import Alert, Incident

ADOPTED: Mapping[str, Mapping[str, str]] = {"servicenow": {"labels__table": "incident"}}
"""Which alerts of a kind of source stand for tickets; all where none are named."""


def number_of_theirs(ticket: Ticket) -> str:
    """The number of the ticket that the incident began with; empty where it began otherwise.

    Only what came in through the endpoint that the connection names counts: another instance has other numbers.
    """
    slug = str(ticket.connection.config.get("source") or "")
    noun, _, incident_id = ticket.subject.partition(":")
    if noun != "incident" or not slug:
        return ""
    kind, alerts = ticket.connection.kind, Incident.objects.get(pk=int(incident_id)).alerts.filter(source=slug)
    for alert in alerts.filter(**ADOPTED.get(kind, {})).order_by("pk"):
        number = _number(alert, kind)
        if number:
            return number
    return ""


def _number(alert: Alert, kind: str) -> str:
    """As the delivery says it that the alert was made from."""
    delivery = Delivery.objects.select_related("source").filter(uid=alert.delivery_id).first()
    if delivery is None or delivery.source.kind != kind:
        return ""
    try:
        value, _ = strict_json.parse(bytes(delivery.body))
        raw = RawDelivery(
            uid=delivery.uid,
            source=delivery.source.slug,
            received_at=delivery.received_at,
            value=value,
            headers=delivery.headers,
        )
        events = alert_source(kind).parse(raw).events
    except ConsoleError:
        return ""
    return next((one.source_event_id for one in events if one.fingerprint == alert.fingerprint), "")
