"""Wazuh's integrations: the alert itself, as custom scripts post it, or wrapped for Shuffle, or a message made of it.

An alert is a rule that matched: there is no end, and `id` is new each time. The same rule for the same agent is the
same alert again. Levels go from 0 to 16: below 7 low, from 7 medium, from 12 high, from 15 critical.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Severity, Status

LEVELS = {
    **{str(level): Severity.INFO for level in range(7)},
    **{str(level): Severity.WARNING for level in range(7, 12)},
    **{str(level): Severity.HIGH for level in range(12, 15)},
    **{str(level): Severity.CRITICAL for level in range(15, 17)},
}


class Wazuh(Source):
    """Alerts of Wazuh's rules."""

    slug = "wazuh"
    title = "Wazuh"
    documentation = "https://documentation.wazuh.com/current/user-manual/manager/integration-with-external-apis.html"
    fingerprint_fields = ("rule id, agent id", "a message: message, description")
    severities = LEVELS

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert."""
        body = reading.mapping(delivery.value)
        inner = reading.mapping(nested(first(("all_fields", "_source"), body), notes)) or body
        rule = reading.mapping(inner.get("rule"))
        if rule and ("level" in rule or "description" in rule):
            return [_alert(inner, rule)]
        if {"severity", "message", "description", "created_at"} <= set(body):
            return [_message(body)]
        return rejected("There is neither a `rule` with a `level` nor a `message` with `severity` and `created_at`.")


def _alert(body: Mapping[str, Any], rule: Mapping[str, Any]) -> Told:
    agent, groups = reading.mapping(body.get("agent")), rule.get("groups")
    return Told(
        status=Status.FIRING,
        identity=("rule", rule.get("id") or rule.get("description"), agent.get("id") or agent.get("name")),
        titles=[rule.get("description"), f"Rule {rule.get('id')}"],
        severity=rule.get("level"),
        description=first(("full_log", "previous_output"), body) or rule.get("description"),
        resource=("host", agent.get("name") or agent.get("id") or reading.mapping(body.get("manager")).get("name")),
        labels={
            "rule.id": rule.get("id") or "",
            "rule.groups": ", ".join(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else "",
            "agent.ip": agent.get("ip") or "",
            "location": body.get("location") or "",
        },
        starts_at=body.get("timestamp") or body.get("@timestamp"),
        source_event_id=body.get("id"),
    )


def _message(body: Mapping[str, Any]) -> Told:
    """What scripts make of it that post severity, message and description."""
    return Told(
        status=Status.FIRING,
        identity=("message", body.get("message"), body.get("description")),
        titles=[body.get("description"), body.get("message")],
        severity=body.get("severity"),
        description=body.get("message"),
        resource=("host", first(("agent", "hostname", "host"), body)),
        starts_at=first(("created_at", "timestamp"), body),
        source_event_id=body.get("id"),
    )
