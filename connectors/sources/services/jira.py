"""Jira's webhooks, and those of its automation rules, which send an issue alone.

An issue's status belongs to one of three categories, whatever the project calls it: new, indeterminate, done. Updates
that change neither status, resolution nor priority, and comments, links, worklogs and sprints are no transitions.
A deleted issue is no evidence that something was solved. An issue's key changes when it is moved; its id stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

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
SEVERITIES = {
    "blocker": Severity.CRITICAL,
    "highest": Severity.CRITICAL,
    "lowest": Severity.INFO,
    "trivial": Severity.INFO,
}
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
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one change of an issue."""
        body = reading.mapping(delivery.value)
        event = str(body.get("webhookEvent") or "").lower()
        if event and not event.removeprefix("jira:").startswith("issue_"):
            return ignored(f"The event {event[:60]!r} is about no issue's state.")
        if event.endswith("issue_deleted"):
            return ignored("An issue was deleted; that is no evidence that anything was solved.")
        issue = reading.mapping(body.get("issue")) or body
        fields = reading.mapping(issue.get("fields"))
        if first(("id", "key"), issue) is None or not fields:
            return rejected("There is no `issue` with `fields`; this is no Jira webhook.")
        if event.endswith("issue_updated") and not _changes_state(body):
            return ignored("Neither status, resolution nor priority changed.")
        return [self._told(issue, fields, body, notes)]

    def _told(self, issue: Mapping[str, Any], fields: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        status = reading.mapping(fields.get("status"))
        category = str(reading.mapping(status.get("statusCategory")).get("key") or "").lower()
        key = first(("key", "id"), issue)
        project = reading.mapping(fields.get("project"))
        labels = {"project": project.get("key"), "type": reading.mapping(fields.get("issuetype")).get("name")}
        return Told(
            status=self.status_of(category if category in STATUSES else status.get("name"), notes),
            identity=("issue", first(("id", "key"), issue)),
            titles=[fields.get("summary"), key],
            kind="ticket",
            severity=reading.mapping(fields.get("priority")).get("name"),
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


def _changes_state(body: Mapping[str, Any]) -> bool:
    items = reading.mapping(body.get("changelog")).get("items")
    if isinstance(items, list):
        return any(str(item.get("field")).lower() in COUNTS for item in _objects(items))
    return str(body.get("issue_event_type_name") or "").lower() not in SAYS_NOTHING


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
