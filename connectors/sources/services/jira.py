"""Jira's webhooks, and those of its automation rules, which send an issue alone or its key, summary and status.

An issue's status belongs to one of three categories, whatever the project calls it: new, indeterminate, done. Updates
that change neither status, resolution nor priority, and comments, links, worklogs and sprints are no transitions.
Before version 6 a comment came as an update without a list of changes.
A deleted issue is no evidence that something was solved. An issue's key changes when it is moved; its id stays.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "new": Status.FIRING,
    "indeterminate": Status.ACKNOWLEDGED,
    "done": Status.RESOLVED,
    "to do": Status.FIRING,
    "open": Status.FIRING,
    "reopened": Status.FIRING,
    "backlog": Status.FIRING,
    "selected for development": Status.FIRING,
    "in progress": Status.ACKNOWLEDGED,
    "work in progress": Status.ACKNOWLEDGED,
    "in review": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "canceled": Status.RESOLVED,
    "cancelled": Status.RESOLVED,
}
PRIORITIES = {"1": "highest", "2": "high", "3": "medium", "4": "low", "5": "lowest"}
"""The ids that every Jira begins with; their names are translated, and may be changed."""
ICON = re.compile(r"/priorities/([a-z]+)(?:_new)?\.(?:svg|png|gif)")
COUNTS = frozenset(["status", "resolution", "priority"])
SAYS_NOTHING = frozenset(
    [
        "issue_assigned",
        "issue_comment_deleted",
        "issue_comment_edited",
        "issue_commented",
        "issue_moved",
        "issue_work_logged",
        "issue_worklog_deleted",
        "issue_worklog_updated",
    ]
)


class Jira(Source):
    """Issues of Jira."""

    slug = "jira"
    title = "Jira"
    documentation = "https://developer.atlassian.com/server/jira/platform/webhooks/"
    fingerprint_fields = ("issue id", "else key")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one change of an issue."""
        body = reading.mapping(delivery.value)
        event = str(body.get("webhookEvent") or "").lower()
        if event.endswith("issue_deleted"):
            return ignored("An issue was deleted; that is no evidence that anything was solved.")
        if event and event.removeprefix("jira:") not in {"issue_created", "issue_updated"}:
            return ignored(f"The event {event[:60]!r} is about no issue's state.")
        issue = reading.mapping(body.get("issue")) or body
        fields = reading.mapping(issue.get("fields"))
        if not fields and issue.get("summary") and issue.get("status"):
            issue, fields = {"key": first(("issueKey", "issue_key"), issue), **issue}, issue
        if first(("id", "key"), issue) is None or not fields:
            return rejected("There is no `issue` with `fields`; this is no Jira webhook.")
        if event.endswith("issue_updated") and not _changes_state(body):
            return ignored("Neither status, resolution nor priority changed.")
        return [self._told(issue, fields, body, notes)]

    def _told(self, issue: Mapping[str, Any], fields: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        key = first(("key", "id"), issue)
        project = reading.mapping(fields.get("project"))
        labels = {"project": project.get("key"), "type": reading.mapping(fields.get("issuetype")).get("name")}
        return Told(
            status=self._status(fields, body, notes),
            identity=("issue", first(("id", "key"), issue)),
            titles=[fields.get("summary"), key],
            kind="ticket",
            severity=_priority(fields.get("priority")) or _changed_to("priority", body),
            description=_text(fields.get("description")),
            service=next((part.get("name") for part in _objects(fields.get("components"))), None),
            environment=_text(fields.get("environment")),
            labels={
                **{name: value for name, value in labels.items() if value},
                **reading.tags(fields.get("labels")),
            },
            links={"issue": _address(issue.get("self"), key)},
            starts_at=fields.get("created"),
            ends_at=first(("resolutiondate", "updated"), fields),
            at=body.get("timestamp"),
            source_event_id=key,
        )

    def _status(self, fields: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Status:
        """What a workflow's transition moved it to; the category of its status, else its name, else what it became."""
        moved = reading.mapping(body.get("transition")).get("to_status")
        if isinstance(moved, str) and moved.lower() in STATUSES:
            return self.status_of(moved, notes)
        status = reading.mapping(fields.get("status"))
        category = str(reading.mapping(status.get("statusCategory")).get("key") or "").lower()
        name = category if category in STATUSES else status.get("name") or fields.get("status")
        if not isinstance(name, str) or not name:
            name = _changed_to("status", body)
        if name is None and str(body.get("webhookEvent")).endswith("issue_created"):
            notes.add("The issue has no status; it was created, so it counts as firing.")
            return Status.FIRING
        return self.status_of(name, notes)


def _priority(told: object) -> object:
    """The priority's name where it is known; else what its icon shows, else what its id stands for."""
    priority = reading.mapping(told)
    name = priority.get("name") or (told if isinstance(told, str) else None)
    icon = ICON.search(str(priority.get("iconUrl")))
    words = (name, icon[1] if icon else None, PRIORITIES.get(str(priority.get("id"))))
    return next((word for word in words if reading.severity(word)), name)


def _changes_state(body: Mapping[str, Any]) -> bool:
    items = reading.mapping(body.get("changelog")).get("items")
    if isinstance(items, list):
        return any(str(item.get("field")).lower() in COUNTS for item in _objects(items))
    kind = str(body.get("issue_event_type_name") or "").lower()
    return kind not in SAYS_NOTHING and (bool(kind) or not reading.mapping(body.get("comment")))


def _changed_to(field: str, body: Mapping[str, Any]) -> object:
    """What a change, the creation of an issue too, made of a field that the issue itself does not tell."""
    items = _objects(reading.mapping(body.get("changelog")).get("items"))
    return next((item.get("toString") for item in items if str(item.get("field")).lower() == field), None)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> object:
    """A text, or the texts of a document as Jira Cloud writes them."""
    found: list[str] = []
    waiting: list[object] = [value] if isinstance(value, Mapping) else []
    while waiting and len(found) < 1000:
        node = reading.mapping(waiting.pop())
        if isinstance(node.get("text"), str):
            found.append(node["text"])
        content = node.get("content")
        waiting.extend(reversed(content) if isinstance(content, list) else ())
    return " ".join(found) if isinstance(value, Mapping) else value


def _address(api: object, key: object) -> str | None:
    """Where people read the issue, from where programs do."""
    host, found, _ = api.partition("/rest/") if isinstance(api, str) else ("", "", "")
    return f"{host}/browse/{key}" if found and isinstance(key, str) else None
