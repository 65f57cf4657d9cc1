"""ServiceNow as a ticket system: incidents and requests for changes, brought up to date in one update each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from connectors import story
from connectors.models import Ticket
from connectors.servicenow import values as fields
from connectors.servicenow.client import Row, ServiceNow
from connectors.servicenow.maps import Maps, maps_of
from connectors.servicenow.moves import stage_of, way
from connectors.servicenow.query import equals, label_of, text_of
from connectors.story import Case
from connectors.ticket_errors import LaterError, NotThereError, TicketError
from connectors.ticket_system import Brought, Keep, Seen


@dataclass(slots=True, kw_only=True)
class Sending:
    """One try: what is sent, and where it goes.

    Attributes:
        stage: where the plan stands, for a request for a change; `moved` the states it was brought through.
        trouble: why it does not stand there where it should, though all else was told.
    """

    ticket: Ticket
    values: dict[str, str]
    notes: list[tuple[int, str]]
    stage: str = ""
    closing: dict[str, str] = field(default_factory=dict)
    is_new: bool = False
    moved: list[str] = field(default_factory=list)
    trouble: str = ""


class Desk:
    """A `TicketSystem`."""

    title: ClassVar[str] = "ServiceNow"

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        self.maps, self.service = maps_of(config), ServiceNow(config, secret)

    def bring(self, ticket: Ticket, case: Case, keep: Keep) -> Brought:
        """As the protocol says.

        Raises:
            LaterError: It cannot now.
            TicketError: It refused.
        """
        sending = self._prepared(ticket, case)
        row = self._moved(sending, self._brought(sending, keep))
        told = seen(row, self.maps)
        return Brought(
            seen=told,
            values=sending.values,
            is_new=sending.is_new,
            moved=sending.moved,
            trouble=sending.trouble,
            heed=0 <= ticket.mod_count < told.count - 1,
        )

    def _prepared(self, ticket: Ticket, case: Case) -> Sending:
        if ticket.table == "change_request" and case.plan is not None:
            # Written once: whoever replaces the text that is approved must not have it put right again by us.
            values = {} if ticket.sys_id else fields.change_values(case, case.plan, self.maps)
        elif ticket.is_theirs:
            values = fields.state_values(case, self.maps) if case.state != "OPEN" else {}
        else:
            values = fields.incident_values(case, self.maps)
        notes = story.notes(case.lines, fields.plain, after=ticket.done_seq)
        sending = Sending(ticket=ticket, values=values, notes=notes)
        if ticket.table == "change_request" and case.plan is not None:
            sending.stage = stage_of(case.plan.state, [line.verb for line in case.lines])
            sending.closing = fields.closing_values(case, sending.stage, self.maps)
        return sending

    def _brought(self, sending: Sending, keep: Keep) -> Row:
        """The record over there, up to date."""
        ticket, service = sending.ticket, self.service
        noted = {"work_notes": story.note_text(sending.notes)} if sending.notes else {}
        if not ticket.sys_id:
            row = self._first(sending, noted)
            ticket.sys_id, ticket.number = text_of(row.get("sys_id")), text_of(row.get("number"))
            sending.is_new = True
            keep(ticket)
            known = {name: text_of(row.get(name)) for name in sending.values}
            is_fresh = all(known[name] == value for name, value in sending.values.items())
            if is_fresh and not ticket.is_theirs and ticket.attempts == 1:
                return row
        else:
            known = ticket.told
        unsaid = self._unsaid(sending) if noted else []
        noted = {"work_notes": story.note_text(unsaid)} if unsaid else {}
        changed = {name: value for name, value in sending.values.items() if known.get(name) != value}
        if not changed and not noted:
            return service.get(ticket.table, ticket.sys_id)
        return service.update(ticket.table, ticket.sys_id, changed | noted)

    def _moved(self, sending: Sending, row: Row) -> Row:
        """A request for a change, one state at a time to where the plan stands; a refusal of that holds up no more."""
        ticket = sending.ticket
        if not sending.stage:
            return row
        found = way(text_of(row.get("state")), sending.stage, text_of(row.get("approval")), self.maps)
        sending.trouble = found.why
        for code in found.codes:
            ends = code == self.maps.moves.get(sending.stage)
            closing = sending.closing if ends else {}
            try:
                row = self.service.update(ticket.table, ticket.sys_id, {"state": code} | closing)
            except LaterError:
                raise
            except TicketError as error:
                sending.trouble = error.detail[:500]
                break
            sending.moved.append(code)
        return row

    def _first(self, sending: Sending, noted: Mapping[str, str]) -> Row:
        """Find the record, or make it: by their number where it is theirs, else by our id."""
        ticket, service = sending.ticket, self.service
        if not ticket.is_theirs:
            return service.create(ticket.table, {**sending.values, **noted}, correlation_id=ticket.correlation_id)
        found = service.find(ticket.table, [equals("number", ticket.number)])
        if len(found) != 1:
            detail = f"ServiceNow has {len(found)} records {ticket.number} where one is looked for."
            raise NotThereError(detail)
        return found[0]

    def _unsaid(self, sending: Sending) -> list[tuple[int, str]]:
        """What an earlier try, whose answer was lost, has not left in the journal: it is read back."""
        ticket = sending.ticket
        if ticket.attempts <= 1 and not sending.is_new:
            return sending.notes
        row = self.service.get(ticket.table, ticket.sys_id, fields=["work_notes"])
        reached = story.reached(label_of(row.get("work_notes")))
        return [(seq, said) for seq, said in sending.notes if seq > reached]


def seen(row: Row, maps: Maps) -> Seen:
    """A record of theirs as it stands."""
    code = text_of(row.get("state"))
    return Seen(
        id=text_of(row.get("sys_id")),
        number=text_of(row.get("number")),
        count=int(text_of(row.get("sys_mod_count")) or 0),
        code=code,
        stands=label_of(row.get("state"))[:80],
        state=maps.state_read(code),
        by=text_of(row.get("sys_updated_by")),
    )
