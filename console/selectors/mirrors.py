"""What is mirrored in ticket systems: what an incident or a plan has there, and how each connection does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Concat

from approvals.models import Change
from connectors.models import Assent, Bond, Connection, Ticket
from connectors.registry import ACTUATORS, READERS, TICKETS
from connectors.services.look_into_cmdb import KIND as CMDB
from core import clock
from incidents.models import Incident

PAGES = {"jira": "{base}/browse/{number}", "servicenow": "{base}/{table}.do?sys_id={sys_id}"}
"""Where people read a record, by the kind of its system."""
SENT = {
    "jira": {"tickets": "issue, comment"},
    "servicenow": {"tickets": "incident, work note", "changes": "change request"},
}
"""What is written there, by the setting that says so."""
WORDS = {"incident": "Ticket", "change_request": "Change request"}
READ = {
    "git": "commits, differences",
    "jira": "states of issues",
    "prometheus": "metrics",
    "servicenow": "incidents, approvals",
    "supervisor": "processes, log lines",
}
DONE = {"git.revert": "revert: executor only", "supervisor.restart": "restart: executor only"}
VERDICTS = {
    "approve": "approved",
    "reject": "rejected",
    "withdrawn": "took it back",
    "unclassified": "answered unclearly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answered there, and why it does not count; empty where it does."""

    who: str
    word: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A record there.

    Attributes:
        stands: what its state is called there; `waits` whether there is something that it was not told yet.
        error: why not, or why it does not stand there where it should; `refused` until a person sends it again.
    """

    pk: int
    word: str
    system: str
    number: str
    url: str
    stands: str
    told_at: datetime | None
    waits: bool
    error: str
    refused: bool
    theirs: bool
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A connected system.

    Attributes:
        reads, does: what is read from there and done there, in words.
        answered_at: when it last answered; None for what is asked only when it is needed.
        pause: why nothing is asked of it now, or what went wrong the last time.
        waiting: records that have yet to be told something; `refused` those that it will not take.
        imports: whether services can be imported from there.
    """

    name: str
    title: str
    environment: str
    reads: str
    does: str
    mirrors: bool
    answered_at: datetime | None
    polls: str
    paused_until: datetime | None
    pause: str
    waiting: int
    refused: int
    sealed: bool
    imports: bool

    @property
    def unwell(self) -> bool:
        """Whether somebody may want to look at it."""
        return bool(self.pause or self.refused)


def of_incident(incident: Incident) -> list[Mirror]:
    """Its ticket, and the requests for the changes that were planned for it."""
    changes = Change.objects.filter(incident=incident.subject)
    named = changes.annotate(subject=Concat(Value("change:"), F("pk"))).values("subject")
    return _read(Q(subject=incident.subject) | Q(subject__in=named))


def of_change(digest: str) -> list[Mirror]:
    """The requests for one plan."""
    return _read(Q(subject=f"change:{digest}"))


def incident_of(ticket: Ticket) -> int:
    """The incident on whose page a record is shown."""
    noun, _, name = ticket.subject.partition(":")
    subject = ticket.subject if noun == "incident" else Change.objects.get(pk=name).incident
    return int(subject.partition(":")[2])


def refused(connection: Connection) -> list[Mirror]:
    """What a connection will not take, until a person sends it again."""
    return _read(Q(connection=connection, refused=True))


def connections(*, name: str = "") -> list[Link]:
    """Every connected system, by name; or the one of a name."""
    now_waiting = Q(tickets__wanted_seq__gt=F("tickets__done_seq"), tickets__refused=False)
    counted = Connection.objects.filter(is_active=True).annotate(
        waiting=Count("tickets", filter=now_waiting), refused=Count("tickets", filter=Q(tickets__refused=True))
    )
    counted = counted.filter(name=name) if name else counted
    return [_link(one, getattr(one, "bond", None)) for one in counted.select_related("bond").order_by("name")]


def title_of(kind: str) -> str:
    """What a kind of connection is called."""
    if kind in TICKETS:
        return TICKETS[kind].title
    return kind.title() if kind in READERS else kind


def _read(which: Q) -> list[Mirror]:
    tickets = list(Ticket.objects.filter(which).select_related("connection").order_by("table", "pk"))
    requests = [one.pk for one in tickets if one.table == "change_request"]
    said: dict[int, dict[str, Assent]] = {}
    for assent in Assent.objects.filter(ticket__in=requests).order_by("mod_count", "pk") if requests else ():
        said.setdefault(assent.ticket_id, {})[assent.record] = assent
    tickets.sort(key=lambda one: one.table != "incident")
    return [_mirror(one, list(said.get(one.pk, {}).values())) for one in tickets]


def _mirror(ticket: Ticket, said: Sequence[Assent]) -> Mirror:
    return Mirror(
        pk=ticket.pk,
        word=WORDS.get(ticket.table, "Record"),
        system=title_of(ticket.connection.kind),
        number=ticket.number,
        url=_address(ticket) if ticket.sys_id else "",
        stands=ticket.stands,
        told_at=ticket.told_at,
        waits=ticket.wanted_seq > ticket.done_seq and not ticket.refused,
        error=ticket.error,
        refused=ticket.refused,
        theirs=ticket.is_theirs,
        answers=[
            Answer(who=one.approver or "Somebody", word=VERDICTS.get(one.verdict, "answered"), why=one.why)
            for one in said
        ],
    )


def _address(ticket: Ticket) -> str:
    base = str(ticket.connection.config.get("url", "")).rstrip("/")
    return PAGES[ticket.connection.kind].format(
        base=base, table=ticket.table, number=ticket.number, sys_id=ticket.sys_id
    )


def _link(connection: Connection, bond: Bond | None) -> Link:
    mirrors, kind = connection.kind in TICKETS, connection.kind
    does = [DONE.get(adapter, adapter) for adapter, (of, _) in sorted(ACTUATORS.items()) if of == kind]
    told = connection.config
    sends = [word for name, word in SENT.get(kind, {}).items() if told.get(name, name == "tickets")]
    return Link(
        name=connection.name,
        title=title_of(kind),
        environment=connection.environment,
        reads=READ.get(kind, kind),
        does=", ".join([*sends, *does]) or "nothing",
        mirrors=mirrors,
        answered_at=bond.answered_at if bond else None,
        polls=f"every {connection.config.get('poll_s', 120)} s" if mirrors else "",
        paused_until=bond.paused_until if bond and bond.paused_until and bond.paused_until > clock.now() else None,
        pause=bond.error if bond else "",
        waiting=getattr(connection, "waiting", 0),
        refused=getattr(connection, "refused", 0),
        sealed=bool(connection.secret),
        imports=kind == CMDB,
    )
