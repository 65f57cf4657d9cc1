"""Read approvals back from the approver records, over our own authenticated call; webhooks are hints and no more.

An assent is no signature: nobody's key made it. It is shown, recorded, and where the connection requires it, waited for
in addition to the signatures.
"""

from collections.abc import Sequence

from django.db import transaction

from approvals.models import ApprovalRequest, Change, RequestState
from approvals.permissions import grants
from approvals.services.issue_template import require_disinterested
from audit import ledger
from connectors.models import Assent, Connection, Ticket
from connectors.servicenow.client import Row, ServiceNow
from connectors.servicenow.maps import UNCLASSIFIED, maps_of
from connectors.servicenow.query import equals, text_of
from connectors.ticket_errors import NotThereError
from connectors.ticketing import actor_of, servicenow
from core import clock, live
from core.errors import RefusedError
from core.permissions import Permission
from people.models import Person
from proof.documents import parse_change

OPEN = (RequestState.PENDING, RequestState.GRANTED)
AT_ONCE = 50
WITHDRAWN = "withdrawn"
NOBODY = "Nobody here is known to be that approver."
BOUND = ("sys_id", "correlation_id", "description")
APPROVER = ("sys_id", "state", "approver", "sysapproval", "sys_updated_by", "sys_mod_count", "sys_updated_on")
USER = ("sys_id", "user_name", "email", "active")


def read_assents(connection: Connection) -> int:
    """Read the approvers of every plan that is still asked about; returns how many answers were new.

    Raises:
        TicketError: It refused, or cannot now.
    """
    asked = ApprovalRequest.objects.filter(state__in=OPEN).values_list("change_id", flat=True)
    subjects = [f"change:{digest}" for digest in asked]
    tickets = Ticket.objects.filter(connection=connection, table="change_request", subject__in=subjects)
    service = servicenow(connection)
    return sum(_read(service, one) for one in tickets.exclude(sys_id="").order_by("-pk")[:AT_ONCE])


def _read(service: ServiceNow, ticket: Ticket) -> int:
    rows = service.find("sysapproval_approver", [equals("sysapproval", ticket.sys_id)], fields=APPROVER)
    answers = maps_of(ticket.connection.config)
    new = 0
    for row in rows:
        verdict = answers.answer_read(text_of(row.get("state"))) or _taken_back(ticket, row)
        if not verdict or _is_known(ticket, row):
            continue
        change = _found(service, "change_request", ticket.sys_id, BOUND)
        new += _record(ticket, row, verdict, change, _found(service, "sys_user", text_of(row.get("approver")), USER))
    return new


def _taken_back(ticket: Ticket, row: Row) -> str:
    """`withdrawn` where the approver's record has no answer any more and had one that counted."""
    before = ticket.assents.filter(record=text_of(row.get("sys_id")), mod_count__lt=_count(row)).order_by("mod_count")
    last = before.last()
    return WITHDRAWN if last is not None and last.counts else ""


def _is_known(ticket: Ticket, row: Row) -> bool:
    """Whether this state of the record was judged; who was unknown then may be known by now."""
    judged = ticket.assents.filter(record=text_of(row.get("sys_id")), mod_count=_count(row))
    return judged.exclude(why=NOBODY).exists()


def _count(row: Row) -> int:
    return int(text_of(row.get("sys_mod_count")) or 0)


def _found(service: ServiceNow, table: str, sys_id: str, fields: Sequence[str]) -> Row:
    try:
        return service.get(table, sys_id, fields=fields) if sys_id else {}
    except NotThereError:
        return {}


@transaction.atomic
def _record(ticket: Ticket, row: Row, verdict: str, change: Row, user: Row) -> bool:
    digest = ticket.subject.partition(":")[2]
    person = person_of(ticket.connection, user)
    why = _objection(ticket, row, change, user, person)
    if verdict == UNCLASSIFIED:
        why = "ServiceNow tells a state of approval that no map knows."
    if verdict == WITHDRAWN:
        why = "The answer was taken back there."
    judged = {"counts": not why, "why": why, "person_id": person.pk if person else ""}
    assent, made = Assent.objects.get_or_create(
        ticket=ticket,
        record=text_of(row.get("sys_id")),
        mod_count=_count(row),
        defaults={
            "change_digest": digest,
            "approver": text_of(user.get("user_name"))[:120],
            "verdict": verdict,
            "read_at": clock.now(),
            **judged,
        },
    )
    if not made and assent.why != why:
        Assent.objects.filter(pk=assent.pk).update(**judged)
        assent.refresh_from_db()
        made = True
    if made:
        _tell(assent, person)
    return made


def _tell(assent: Assent, person: Person | None) -> None:
    ticket = assent.ticket
    request = ApprovalRequest.objects.select_related("change").filter(change_id=assent.change_digest).latest("pk")
    verb = {"approve": "assent.given", "reject": "assent.refused"}.get(assent.verdict, "assent.discounted")
    facts = {"system": ticket.connection.name, "number": ticket.number, "record": assent.record, "why": assent.why}
    about = [f"change:{assent.change_digest}", request.change.incident, f"request:{request.pk}"]
    ledger.append(
        actor=actor_of(ticket.connection),
        verb=verb if assent.counts else "assent.discounted",
        subject=f"change:{assent.change_digest}",
        facts=facts | ({"person": person.pk} if person else {}),
        about=about,
    )
    live.changed("queue", f"request:{request.pk}", request.change.incident)


def person_of(connection: Connection, user: Row) -> Person | None:
    """Who a user over there is here: by the connection's own list, else by an e-mail address that one person has."""
    name, email = text_of(user.get("user_name")), text_of(user.get("email"))
    if not name or text_of(user.get("active")) != "true":
        return None
    handle = maps_of(connection.config).people.get(name)
    if handle is not None:
        found = list(Person.objects.filter(handle=handle, is_active=True)[:2])
    else:
        found = list(Person.objects.filter(email__iexact=email, is_active=True)[:2]) if email else []
    return found[0] if len(found) == 1 else None


def _objection(ticket: Ticket, row: Row, change: Row, user: Row, person: Person | None) -> str:
    """Why an answer does not count; empty if it does."""
    digest = ticket.subject.partition(":")[2]
    text = text_of(change.get("description"))
    is_ours = text.split() == str(ticket.told.get("description", "")).split() and digest in text
    bound = is_ours and text_of(change.get("correlation_id")) == ticket.correlation_id
    name = text_of(user.get("user_name"))
    if not bound:
        return "The request for the change no longer says what we wrote, or names another plan's hash."
    if name == str(ticket.connection.config.get("user_name", "")):
        return "It was given with our own account there."
    if person is None:
        return NOBODY
    if text_of(row.get("sys_updated_by")) != name:
        return "Somebody else than the approver set it."
    return _unfit(digest, person)


def _unfit(digest: str, person: Person) -> str:
    """Who may not sign it here cannot agree to it there."""
    change = parse_change(ledger.fetch(digest))
    if not grants.allow(Permission.DECISION_MAKE, person.as_actor(), Change.objects.get(pk=digest)):
        return "They may not approve changes here."
    try:
        require_disinterested(change, person.pk)
    except RefusedError:
        return "They proposed or shaped this plan themselves."
    return ""
