"""What tickets are made of: which connections want them and what there is to tell."""

from collections.abc import Sequence

from django.conf import settings

from approvals.models import ApprovalRequest, Change
from audit import ledger
from audit.selectors import latest_checkpoint
from connectors.jira.client import Jira
from connectors.models import Bond, Connection, Ticket
from connectors.registry import TICKETS
from connectors.secrets import unseal
from connectors.servicenow.client import ServiceNow
from connectors.story import Case, Head, Line, Plan
from connectors.ticket_system import TicketSystem
from core.actors import Actor
from incidents.models import Incident


def connections(environment: str) -> list[Connection]:
    """The ticket systems that are told about an environment; one without an environment is told about all."""
    active = Connection.objects.filter(kind__in=TICKETS, is_active=True, environment__in=["", environment])
    return list(active.order_by("name"))


def opened(connection: Connection) -> TicketSystem:
    """The ticket system behind a connection."""
    return TICKETS[connection.kind](connection.config, unseal(connection.secret))


def servicenow(connection: Connection) -> ServiceNow:
    """The client for a connection to ServiceNow, for what it alone has."""
    return ServiceNow(connection.config, unseal(connection.secret))


def jira(connection: Connection) -> Jira:
    """The client for a connection to Jira."""
    return Jira(connection.config, unseal(connection.secret))


def actor_of(connection: Connection) -> Actor:
    """Who does it, in the ledger, when a ticket system did."""
    return Actor(id=f"service:{connection.kind}")


def bond_of(connection: Connection) -> Bond:
    """How things stand with it."""
    return Bond.objects.get_or_create(connection=connection)[0]


def case_of(ticket: Ticket) -> Case:
    """What there is to tell, up to the record that the ticket is to reach."""
    change = _change(ticket)
    incident = Incident.objects.get(pk=int((change.incident if change else ticket.subject).partition(":")[2]))
    change = change or Change.objects.filter(incident=incident.subject).order_by("-created_at").first()
    checkpoint = latest_checkpoint()
    return Case(
        number=incident.number,
        title=incident.title,
        state=str(incident.state),
        severity=incident.severity,
        service=incident.service,
        environment=incident.environment,
        url=f"{settings.PUBLIC_URL}/incidents/{incident.pk}/",
        lines=_lines(incident.subject, ticket),
        plan=_plan(change) if change else None,
        head=Head(size=checkpoint.size, root=checkpoint.root) if checkpoint else None,
    )


def _change(ticket: Ticket) -> Change | None:
    noun, _, digest = ticket.subject.partition(":")
    return Change.objects.get(pk=digest) if noun == "change" else None


def _lines(subject: str, ticket: Ticket) -> Sequence[Line]:
    """The incident's records; for a plan, those since it was asked about."""
    began = -1
    if ticket.subject != subject:
        told = ledger.timeline(ticket.subject)
        began = next((one.seq for one in told if one.seq is not None), -1)
    return [
        Line(seq=one.seq, verb=one.verb, facts=one.facts)
        for one in ledger.timeline(subject)
        if one.seq is not None and began <= one.seq <= ticket.wanted_seq
    ]


def _plan(change: Change) -> Plan:
    request = ApprovalRequest.objects.filter(change=change).order_by("-pk").first()
    return Plan(
        digest=change.digest,
        intent=change.intent,
        tier=change.tier,
        score=change.score,
        state=str(request.state) if request else "",
        sentence=request.sentence if request else "",
    )
