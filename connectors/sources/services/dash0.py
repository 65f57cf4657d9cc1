"""Dash0's webhook channel: an issue of a check rule.

The event's type is the state; where a tool in between renamed it, the issue's own status is. Dash0 has no severities;
an issue's own status, critical or degraded, stands for one. An issue has an id of its own, and an identifier that stays
when the same check fails for the same thing again: that is the alert. An issue that was superseded by another of the
same identifier changes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Severity, Status

STATUSES = {
    "alert.ongoing": Status.FIRING,
    "alert.resolved": Status.RESOLVED,
    "alert.closed": Status.RESOLVED,
    "critical": Status.FIRING,
    "degraded": Status.FIRING,
    "resolved": Status.RESOLVED,
    "closed": Status.RESOLVED,
}
SEVERITIES = {"degraded": Severity.WARNING}


class Dash0(Source):
    """Failing checks of Dash0."""

    slug = "dash0"
    title = "Dash0"
    documentation = "https://www.dash0.com/hub/integrations/int_alerting_webhook/overview"
    fingerprint_fields = ("issueIdentifier", "else issue id")
    statuses = STATUSES
    severities = SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one change of an issue."""
        body = reading.mapping(delivery.value)
        issue = reading.mapping(reading.mapping(body.get("data")).get("issue"))
        kind = str(body.get("type") or "").lower()
        if kind in {"test", "alert.test"}:
            return ignored("It is a test notification.")
        is_one = kind.startswith("alert.") or first(("issueIdentifier", "checkrule", "checkrules"), issue) is not None
        if not is_one or first(("id", "issueIdentifier"), issue) is None:
            return rejected("There is no `alert.` event with a `data.issue.id`; this is no Dash0 webhook.")
        if kind == "alert.superseded":
            return ignored("The issue was superseded by another one of the same check.")
        is_known = kind in STATUSES or (kind.startswith("alert.") and not issue.get("status"))
        return [self._told(issue, kind if is_known else issue.get("status"), notes)]

    def _told(self, issue: Mapping[str, Any], word: object, notes: Notes) -> Told:
        labels, stable = _labels(issue), issue.get("issueIdentifier")
        state = str(issue.get("status") or "").lower()
        rule = _rule(issue)
        return Told(
            status=self.status_of(word, notes),
            identity=("check", stable) if stable not in (None, "") else ("issue", issue.get("id")),
            titles=[issue.get("summary"), rule.get("name"), issue.get("description")],
            severity=state if state in {"critical", "degraded"} else labels.get("severity"),
            description=issue.get("description"),
            resource=next(
                ((kind, labels[name]) for kind, name in RESOURCES if labels.get(name)),
                None,
            ),
            service=first(("service.name", "service_name", "service"), labels),
            environment=first(("deployment.environment.name", "deployment.environment", "environment", "env"), labels),
            region=first(("cloud.region", "region"), labels),
            team=labels.get("team"),
            labels=labels,
            links={"issue": issue.get("url"), "rule": rule.get("url")},
            starts_at=issue.get("start"),
            ends_at=issue.get("end"),
            source_event_id=first(("id", "issueIdentifier"), issue),
        )


RESOURCES = (("pod", "k8s.pod.name"), ("container", "container.name"), ("host", "host.name"))


def _rule(issue: Mapping[str, Any]) -> Mapping[str, Any]:
    told = first(("checkrule", "checkRule", "checkrules"), issue)
    return reading.mapping(told[0] if isinstance(told, list) and told else told)


def _labels(issue: Mapping[str, Any]) -> dict[str, Any]:
    """Labels as an object, or as a list of `{key, value}`, where the value may be one of OpenTelemetry's objects.

    Those of synthetic checks are pairs of a number and such an object.
    """
    told = issue.get("labels")
    if isinstance(told, Mapping):
        return dict(told)
    found = {}
    for one in told if isinstance(told, list) else []:
        pair = one[-1] if isinstance(one, list) and one else one
        key, value = reading.mapping(pair).get("key"), reading.mapping(pair).get("value")
        if isinstance(key, str) and key:
            found[key] = next(iter(value.values()), None) if isinstance(value, Mapping) else value
    return found
