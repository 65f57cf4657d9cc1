"""Follow the ledger: what happened to incidents and plans that a ticket system is to be told."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest

from approvals.models import Change
from audit.models import Cursor, Entry, Leaf
from audit.selectors import latest_checkpoint
from connectors.marks import correlation_of
from connectors.models import Connection, Ticket
from connectors.registry import TICKETS
from connectors.story import SAYS
from connectors.ticketing import connections
from core import clock
from incidents.models import Incident
from proof.documents import parse_entry

FOLLOWER = "tickets"
ASKED = "request.opened"
BATCH = 100


def follow_incidents() -> int:
    """Turn what is new in the ledger into tickets to send, each record once; returns how many were looked at.

    Nothing is read while nothing is connected, and what happened before is not told.
    """
    if not Connection.objects.filter(kind__in=TICKETS, is_active=True).exists():
        return 0
    handled = 0
    while (taken := _take()) == BATCH:
        handled += taken
    return handled + taken


def begin() -> None:
    """Start from now on, where nothing was connected before."""
    if not Connection.objects.filter(kind__in=TICKETS, is_active=True).exists():
        latest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
        Cursor.objects.update_or_create(pk=FOLLOWER, defaults={"seq": 0 if latest is None else latest + 1})


@transaction.atomic
def _take() -> int:
    """One batch, in one transaction with the move of the position: a crash repeats it whole or not at all."""
    Cursor.objects.get_or_create(pk=FOLLOWER)
    cursor = Cursor.objects.select_for_update().get(pk=FOLLOWER)
    latest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    if latest is None or latest < cursor.seq:
        return 0
    wanted = Leaf.objects.filter(seq__gte=cursor.seq, seq__lte=latest, entry__verb__in=[*SAYS, ASKED])
    leaves = list(wanted.select_related("entry").order_by("seq")[:BATCH])
    for leaf in leaves:
        _notice(leaf.seq, leaf.entry)
    cursor.seq = leaves[-1].seq + 1 if len(leaves) == BATCH else latest + 1
    cursor.save(update_fields=["seq"])
    return len(leaves)


def _notice(seq: int, entry: Entry) -> None:
    about = [entry.subject, *parse_entry(bytes(entry.body)).about]
    incident_id = _named(about, "incident")
    incident = Incident.objects.filter(pk=incident_id).first() if incident_id.isdigit() else None
    if incident is None:
        return
    digest = _named(about, "change") if entry.verb == ASKED else ""
    for connection in connections(incident.environment):
        if entry.verb != ASKED and connection.config.get("tickets", True):
            _want(connection, incident.subject, "incident", seq)
        if digest and connection.config.get("changes", False):
            _want(connection, f"change:{digest}", "change_request", seq)
        _go_on(connection, incident, seq)


def _named(about: list[str], noun: str) -> str:
    return next((one.partition(":")[2] for one in about if one.startswith(f"{noun}:")), "")


def _want(connection: Connection, subject: str, table: str, seq: int) -> None:
    """Ask for a ticket that tells up to this record."""
    Ticket.objects.get_or_create(
        connection=connection, subject=subject, defaults={"table": table, "correlation_id": correlation_of(subject)}
    )
    _push(connection, [subject], seq)


def _go_on(connection: Connection, incident: Incident, seq: int) -> None:
    """The incident's requests for changes tell how it goes on, too."""
    digests = Change.objects.filter(incident=incident.subject).values_list("pk", flat=True)
    _push(connection, [f"change:{digest}" for digest in digests], seq)


def _push(connection: Connection, subjects: list[str], seq: int) -> None:
    """What is put off stays put off; what was refused is tried again, because there is something new to say."""
    tickets = Ticket.objects.filter(connection=connection, subject__in=subjects)
    tickets.update(
        wanted_seq=Greatest(F("wanted_seq"), Value(seq)),
        due_at=Coalesce(F("due_at"), Value(clock.now())),
        refused=False,
    )


def is_sealed(seq: int) -> bool:
    """Whether a signed head of the ledger covers a record."""
    head = latest_checkpoint()
    return head is not None and head.size > seq
