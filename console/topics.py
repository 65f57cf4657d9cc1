"""Which topics of the socket somebody may hear of: what they may read, and no more. An unknown topic reaches nobody."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agents.models import Remediation
from approvals.models import ApprovalRequest
from approvals.permissions import grants as approvals
from audit.permissions import grants as audit
from connectors.permissions import grants as connectors
from core.actors import Actor
from core.permissions import Grants, Permission, scopes_read
from incidents.models import Incident, Service
from incidents.permissions import grants as incidents
from people.permissions import grants as people

Find = Callable[[str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of topic, such as `queue` or `incident:42`.

    Attributes:
        grants: the table that is asked, for `permission`.
        find: the noun behind the part after the colon; None where the kind has no such part.
    """

    grants: Grants
    permission: Permission
    find: Find | None = None


def _incident(name: str) -> Incident | None:
    return Incident.objects.filter(pk=name).first() if name.isdecimal() else None


def _remediated(name: str) -> Incident | None:
    found = Remediation.objects.filter(pk=name).first() if name.isdecimal() else None
    return _incident(str(found.incident_id)) if found else None


def _request(name: str) -> ApprovalRequest | None:
    return ApprovalRequest.objects.select_related("change").filter(pk=name).first() if name.isdecimal() else None


def _service(name: str) -> Service | None:
    return Service.objects.filter(slug=name).first()


TOPICS: Final[Mapping[str, Topic]] = {
    "audit": Topic(grants=audit, permission=Permission.AUDIT_READ),
    "incident": Topic(grants=incidents, permission=Permission.INCIDENT_READ, find=_incident),
    "keys": Topic(grants=approvals, permission=Permission.REGISTRY_READ),
    "maintenance": Topic(grants=incidents, permission=Permission.INCIDENT_READ),
    "people": Topic(grants=people, permission=Permission.PERSON_READ),
    "policy": Topic(grants=approvals, permission=Permission.POLICY_READ),
    "queue": Topic(grants=incidents, permission=Permission.INCIDENT_READ),
    "remediation": Topic(grants=incidents, permission=Permission.INCIDENT_READ, find=_remediated),
    "request": Topic(grants=approvals, permission=Permission.CHANGE_READ, find=_request),
    "service": Topic(grants=incidents, permission=Permission.SERVICE_READ, find=_service),
    "sources": Topic(grants=connectors, permission=Permission.SOURCE_READ),
    "webhooks": Topic(grants=connectors, permission=Permission.WEBHOOK_KEEP),
}


def heard(actor: Actor, topics: Iterable[str]) -> list[str]:
    """Those of the topics that the actor may hear of, in their order."""
    return [topic for topic in topics if _may_hear(actor, topic)]


def _may_hear(actor: Actor, topic: str) -> bool:
    kind, _, name = topic.partition(":")
    known = TOPICS.get(kind)
    if known is None:
        return False
    if known.find is None or scopes_read(actor) is None:  # roles held everywhere need no look at the noun
        return known.grants.allow(known.permission, actor)
    found = known.find(name)
    return found is not None and known.grants.allow(known.permission, actor, found)
