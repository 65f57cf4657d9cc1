"""Jira as a ticket system: an incident is an issue, its story are comments, its state is reached by transitions.

There is no id of ours that Jira keeps unique, and its search shows new issues late. So a create is written down before
it is sent; while its answer is missing the issue is looked for, and made again only when the search must show it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from connectors import marks, story
from connectors.jira import markup
from connectors.jira.client import Jira
from connectors.jira.maps import Maps, maps_of, of_service
from connectors.jira.replies import Issue
from connectors.models import Ticket
from connectors.story import Case
from connectors.ticket_errors import LaterError, TicketError, UncertainError
from connectors.ticket_system import Brought, Keep, Seen
from core import clock

TRIED: Final = "create_tried_at"
"""Stands among what was told while an issue was asked for and not answered."""
ENDED: Final = frozenset({"RESOLVED", "CLOSED"})


class Desk:
    """A `TicketSystem`."""

    title: ClassVar[str] = "Jira"

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        self.maps, self.jira = maps_of(config), Jira(config, secret)

    def bring(self, ticket: Ticket, case: Case, keep: Keep) -> Brought:
        """As the protocol says: fields, then what is new as a comment, then the status; at last it is read back.

        Raises:
            LaterError: It cannot now.
            TicketError: It refused.
        """
        is_new, is_made = not ticket.sys_id, False
        values = {} if ticket.is_theirs else self._values(case)
        if is_new:
            is_made = self._first(ticket, values, keep)
        changed = {} if is_made else {name: told for name, told in values.items() if ticket.told.get(name) != told}
        if changed:
            self.jira.change(ticket.sys_id, self._fields(changed))
        if text := self._note(ticket, case, is_new=is_new, is_made=is_made):
            self.jira.comment(ticket.sys_id, text)
        target = self._target(ticket, case)
        moved, trouble = self._moved(ticket, target, case.state) if target else ("", "")
        issue = self.jira.get(ticket.sys_id)
        state = moved or ticket.told.get("state") or issue.status
        return Brought(
            seen=seen(issue, self.maps),
            values={**values, "state": state, **({"target": target} if target and not trouble else {})},
            is_new=is_new,
            moved=[moved] if moved else [],
            trouble=trouble,
            heed=True,
        )

    def _values(self, case: Case) -> dict[str, str]:
        values = {
            "summary": markup.summary(f"{case.number}: {case.title}"),
            "description": story.description(case, markup.plain),
            "priority": self.maps.priorities.get(case.severity, ""),
            "component": of_service(self.maps.components, case.service),
            "assignee": of_service(self.maps.assignees, case.service),
        }
        return {name: value for name, value in values.items() if value}

    def _fields(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Values as Jira takes them."""
        fields: dict[str, Any] = dict(values)
        if priority := fields.pop("priority", ""):
            fields["priority"] = {"name": priority}
        if component := fields.pop("component", ""):
            fields["components"] = [{"name": component}]
        if assignee := fields.pop("assignee", ""):
            fields["assignee"] = {"accountId" if self.maps.is_cloud else "name": assignee}
        return fields

    def _first(self, ticket: Ticket, values: Mapping[str, str], keep: Keep) -> bool:
        """Find the issue or make it, and write down where it is; whether it was made now."""
        found = self.jira.get(ticket.number) if ticket.is_theirs else self.jira.labelled(ticket.correlation_id)
        ticket.sys_id, ticket.number = (found.id, found.key) if found else self._made(ticket, values, keep)
        ticket.told = {name: said for name, said in ticket.told.items() if name != TRIED}
        keep(ticket)
        return found is None

    def _made(self, ticket: Ticket, values: Mapping[str, str], keep: Keep) -> tuple[str, str]:
        """Id and key of a new issue. That it is asked for is written down first, until it is known or was refused."""
        self._require_settled(ticket)
        ticket.told = {**ticket.told, TRIED: clock.rfc3339(clock.now())}
        keep(ticket)
        try:
            return self.jira.create(self._fields(values) | self._place(ticket))
        except UncertainError:
            raise
        except TicketError:
            ticket.told = {name: said for name, said in ticket.told.items() if name != TRIED}
            keep(ticket)
            raise

    def _require_settled(self, ticket: Ticket) -> None:
        tried = ticket.told.get(TRIED, "")
        until = datetime.fromisoformat(tried) + timedelta(seconds=self.maps.settle_s) if tried else None
        if until is not None and clock.now() < until:
            detail = (
                "Jira did not answer when the issue was made, and its search shows new ones late. "
                f"It is looked for until {until:%H:%M} UTC, and made again after that."
            )
            raise UncertainError(detail)

    def _place(self, ticket: Ticket) -> dict[str, Any]:
        """Where it is made, and how it is found again: a label for all of ours, and one for this subject."""
        ours = [marks.of_installation(), ticket.correlation_id]
        return {
            "project": {"key": self.maps.project},
            "issuetype": {"name": self.maps.issue_type},
            "labels": [*ours, *self.maps.labels],
        }

    def _note(self, ticket: Ticket, case: Case, *, is_new: bool, is_made: bool) -> str:
        """What is new as a comment, without what an earlier try left there; the checkpoint under its end."""
        notes = story.notes(case.lines, markup.plain, after=ticket.done_seq)
        if notes and not is_made and (is_new or ticket.attempts > 1):
            reached = self._reached(ticket.sys_id)
            notes = [(seq, said) for seq, said in notes if seq > reached]
        if not notes:
            return ""
        return "\n".join([story.note_text(notes), *(story.of_head(case.head) if case.state in ENDED else [])])

    def _reached(self, issue_id: str) -> int:
        """Up to which record our own comments tell; only a mark that begins a comment of our account is one."""
        me = self.jira.myself()
        ours = (body.strip().partition("\n")[0].strip() for by, body in self.jira.comments(issue_id) if by == me)
        return max(map(story.reached, ours), default=-1)

    def _target(self, ticket: Ticket, case: Case) -> str:
        """The status that it is to be brought to; empty where ours did not change, and what people set stands."""
        target = self.maps.states.get(case.state, "")
        is_old = target.casefold() == str(ticket.told.get("target", "")).casefold()
        return "" if is_old or (ticket.is_theirs and case.state == "OPEN") else target

    def _moved(self, ticket: Ticket, target: str, state: str) -> tuple[str, str]:
        """The status that it was brought to, empty for none, and why it is not where it should be.

        One that stands where its status means the same to us is left there, whatever the project calls it.
        """
        issue = self.jira.get(ticket.sys_id)
        now, alike = issue.status, self.maps.states.get(self.maps.state_read(issue.status, issue.category), "")
        if target.casefold() in {now.casefold(), alike.casefold()}:
            return now, ""
        ways = [one for one in self.jira.transitions(ticket.sys_id) if one.to.casefold() == target.casefold()]
        if not ways:
            return "", (
                f"No transition leads our account from {now[:60]!r} to {target[:60]!r} in Jira. "
                f"Add one to the workflow, or map {state} to another status."
            )
        asked = self.maps.resolution and "resolution" in ways[0].asks
        try:
            self.jira.move(ticket.sys_id, ways[0].id, {"resolution": {"name": self.maps.resolution}} if asked else {})
        except LaterError:
            raise
        except TicketError as error:
            return "", error.detail[:500]
        return ways[0].to, ""


def seen(issue: Issue, maps: Maps) -> Seen:
    """An issue as it stands. It has no count of its changes; the time of the last one grows just so."""
    return Seen(
        id=issue.id,
        number=issue.key,
        count=issue.updated_ms,
        code=issue.status,
        stands=issue.status[:80],
        state=maps.state_read(issue.status, issue.category),
    )
