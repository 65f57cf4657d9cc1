"""Sentry: the integration platform's webhooks (alerts on events, issues, metrics) and the older webhooks plugin.

All but metric alerts are about an issue, so its number is the identity: the alert of an event and the resolve of its
issue are one. An event's number is in `issue_id` or only in the addresses. Installations, comments, assignments and
requests of the user interface come to the same address.
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
    "triggered": Status.FIRING,
    "created": Status.FIRING,
    "unresolved": Status.FIRING,
    "resolved": Status.RESOLVED,
    "ignored": Status.SUPPRESSED,
    "archived": Status.SUPPRESSED,
    "critical": Status.FIRING,
    "warning": Status.FIRING,
}
LEVELS = {"critical", "warning"}
PLUGIN = ("message", "culprit", "event")
ISSUE = re.compile(r"/(?:issues|group)/(\d{1,30})(?:/|$)")
PROJECT = re.compile(r"/projects/[^/]+/([^/]+)/events/")


class Sentry(Source):
    """Alerts, issues and metric alerts of Sentry."""

    slug = "sentry"
    title = "Sentry"
    documentation = "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/"
    formats = ("sentry_event", "sentry_issue", "sentry_metric", "sentry_platform", "sentry_plugin")
    fingerprint_fields = ("id of the issue or the metric alert", "else project and title")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one webhook, whichever it is."""
        body = reading.mapping(delivery.value)
        data = reading.mapping(body.get("data"))
        if not (data and ("action" in body or "installation" in body)):
            return _plugin(body)
        event, issue, metric = (reading.mapping(data.get(name)) for name in ("event", "issue", "metric_alert"))
        event = event or reading.mapping(data.get("error"))
        if event:
            return [_of_event(event, {}, self.status_of(body.get("action"), notes))]
        if metric:
            return [self._metric(metric, data, body.get("action"), notes)]
        if issue and str(body.get("action")) in {*STATUSES} - LEVELS:
            at = delivery.received_at if body.get("action") == "unresolved" else issue.get("lastSeen")
            return [self._issue(issue, body, at, notes)]
        return ignored("It is about an installation, an assignment, a comment or a request, not about an alert.")

    def _issue(self, issue: Mapping[str, Any], body: Mapping[str, Any], at: object, notes: Notes) -> Told:
        action, data = body.get("action"), reading.mapping(body.get("data"))
        project = reading.mapping(issue.get("project"))
        number = issue.get("id")
        status = self.status_of(issue.get("status") if action == "triggered" else action, notes)
        return Told(
            status=status,
            identity=("issue", number) if number else ("short id", first(("shortId", "title"), issue)),
            titles=[issue.get("title"), issue.get("culprit"), issue.get("shortId")],
            severity=issue.get("level"),
            description=first(("value",), reading.mapping(issue.get("metadata"))) or issue.get("culprit"),
            service=first(("slug", "name"), project),
            labels={name: issue[name] for name in ("shortId", "platform", "substatus") if issue.get(name)},
            links={"issue": first(("web_url", "permalink"), issue) or data.get("web_url")},
            starts_at=issue.get("firstSeen"),
            at=at if status is Status.FIRING else None,
            source_event_id=number,
        )

    def _metric(self, metric: Mapping[str, Any], data: Mapping[str, Any], action: object, notes: Notes) -> Told:
        rule = reading.mapping(metric.get("alert_rule"))
        number = metric.get("id")
        projects = metric.get("projects")
        return Told(
            status=self.status_of(action, notes),
            identity=("metric alert", number) if number else ("metric rule", first(("id", "name"), rule)),
            titles=[metric.get("title"), rule.get("name"), data.get("description_title")],
            severity=action if isinstance(action, str) and action in LEVELS else None,
            description=data.get("description_text"),
            service=projects[0] if isinstance(projects, list) and len(projects) == 1 else None,
            environment=rule.get("environment"),
            labels={name: rule[name] for name in ("aggregate", "query", "dataset") if rule.get(name)},
            links={"alert": data.get("web_url")},
            starts_at=first(("date_started", "date_detected", "date_created"), metric),
            ends_at=metric.get("date_closed"),
            source_event_id=number,
        )


def _plugin(body: Mapping[str, Any]) -> Parsed | list[Told]:
    """The older webhooks plugin, which sends firings alone."""
    if isinstance(body.get("project"), str | int) and any(body.get(name) for name in PLUGIN) and "url" in body:
        return [_of_event(reading.mapping(body.get("event")), body, Status.FIRING)]
    if "installationId" in body:
        return ignored("A request of Sentry's user interface.")
    return rejected("There are neither `action` and `data` nor a `project` with a `url` and a message.")


def _of_event(event: Mapping[str, Any], plugin: Mapping[str, Any], status: Status) -> Told:
    tags = _tags(event.get("tags"))
    number = _issue_of(event, plugin)
    project = first(("project_slug", "project"), plugin) or _slug(event.get("url"))
    titles = [event.get("title"), plugin.get("message"), event.get("message"), plugin.get("culprit")]
    return Told(
        status=status,
        identity=("issue", number) if number else ("title", project or event.get("project"), *titles[:2]),
        titles=titles,
        severity=event.get("level") or plugin.get("level") or tags.get("level"),
        description=_description(event, plugin),
        resource=("host", tags.get("server_name")),
        service=project,
        environment=event.get("environment") or tags.get("environment"),
        labels=tags,
        links={"issue": event.get("web_url") or plugin.get("url")},
        starts_at=first(("datetime", "timestamp", "received"), event),
        source_event_id=number,
    )


def _issue_of(event: Mapping[str, Any], plugin: Mapping[str, Any]) -> str | None:
    """The number of the issue: a field of its own, else the part of an address."""
    told = str(first(("issue_id",), event) or first(("id",), plugin) or "")
    if told.isdigit():
        return told
    urls = (event.get("issue_url"), event.get("web_url"), plugin.get("url"))
    found = (ISSUE.search(url) for url in urls if isinstance(url, str))
    return next((match[1] for match in found if match), None)


def _slug(url: object) -> str | None:
    match = PROJECT.search(url) if isinstance(url, str) else None
    return match[1] if match else None


def _description(event: Mapping[str, Any], plugin: Mapping[str, Any]) -> object:
    logged, metadata = reading.mapping(event.get("logentry")), reading.mapping(event.get("metadata"))
    told = (logged.get("formatted"), event.get("message"), plugin.get("message"), metadata.get("value"))
    return next((one for one in told if one), None) or first(("culprit",), event) or plugin.get("culprit")


def _tags(value: object) -> dict[str, object]:
    """Tags as pairs, as objects of key and value, or as one object."""
    if isinstance(value, Mapping):
        return {str(name): inner for name, inner in value.items()}
    found: dict[str, object] = {}
    for one in value if isinstance(value, list) else []:
        if isinstance(one, Mapping) and "key" in one:
            found[str(one["key"])] = one.get("value")
        elif isinstance(one, list) and len(one) == 2:
            found[str(one[0])] = one[1]
    return found
