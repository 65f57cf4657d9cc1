"""What a ticket system holds of an incident and its plan, in every state that a page can show."""

from datetime import timedelta

from connectors.models import Assent, Bond, Connection, Ticket
from core import clock

URL = "https://example.service-now.com"
REFUSED = "ServiceNow refused with 403: Data Policy Exception: <b>Assignment group</b> is mandatory."


def there(incident, request, *, refused: bool = True) -> tuple[Ticket, Ticket]:
    """A ticket that was told all, and a request for a change that was answered twice and is stuck."""
    now = clock.now()
    connection, _ = Connection.objects.get_or_create(
        name="snow", defaults={"kind": "servicenow", "config": {"url": URL, "changes": True}, "secret": b"sealed"}
    )
    Bond.objects.update_or_create(connection=connection, defaults={"answered_at": now - timedelta(seconds=48)})
    common = {"connection": connection, "told_at": now - timedelta(minutes=2), "wanted_seq": 1, "done_seq": 1}
    ticket = Ticket.objects.create(
        subject=incident.subject, table="incident", sys_id="a1" * 16, number="INC0010001", stands="In Progress",
        is_theirs=True, correlation_id=f"countersign:{incident.pk}", **common,
    )  # fmt: skip
    trouble = {"error": REFUSED, "refused": True} if refused else {}
    change = Ticket.objects.create(
        subject=f"change:{request.change_id}", table="change_request", sys_id="b2" * 16, number="CHG0010001",
        stands="Assess", correlation_id=f"countersign:change:{request.pk}", **common, **trouble,
    )  # fmt: skip
    Assent.objects.create(ticket=change, change_digest=request.change_id, record="c3" * 16, mod_count=1,
                          approver="approver.two", verdict="approve", counts=False, read_at=now,
                          why="Nobody here is known to be that approver.")  # fmt: skip
    Assent.objects.create(ticket=change, change_digest=request.change_id, record="d4" * 16, mod_count=1,
                          approver="approver.one", verdict="approve", counts=True, read_at=now)  # fmt: skip
    return ticket, change
