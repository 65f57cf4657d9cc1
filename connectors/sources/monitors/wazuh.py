"""Wazuh's integrations: the alert itself as custom scripts post it, or wrapped for Shuffle, or a message made of it.

Scripts send it alone, in a list, in `alert`, or with flat names such as `rule_level`.
An alert is a rule that matched: there is no end, and `id` is new each time. The same rule for the same agent is the
same alert again. Messages for Slack and the like, made by Wazuh itself or by scripts, are read by their fields or by
lines such as `Rule: 5710`; they must name the rule or tell its level. Levels go from 0 to 16: below 7 low, from 7
medium, from 12 high, from 15 critical.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.monitors.names import lines, pick, plain
from connectors.told import Source, Told, objects, rejected
from incidents.events import Severity, Status

LEVELS = {
    **{str(level): Severity.INFO for level in range(7)},
    **{str(level): Severity.WARNING for level in range(7, 12)},
    **{str(level): Severity.HIGH for level in range(12, 15)},
    **{str(level): Severity.CRITICAL for level in range(15, 17)},
}
RULE_ID = re.compile(r"\d{1,7}\b")
LEVEL = re.compile(r"\blevel\W{0,4}(\d{1,2})\b", re.IGNORECASE)
AGENT = re.compile(r"^\((?P<id>\d+)\)\s*-?\s*(?P<name>.+)$|^(?P<alone>[^\s(]+)(?:\s*[([].*)?$")
WRAPPERS = ("all_fields", "_source", "alert", "body")


class Wazuh(Source):
    """Alerts of Wazuh's rules."""

    slug = "wazuh"
    title = "Wazuh"
    documentation = "https://documentation.wazuh.com/current/user-manual/manager/integration-with-external-apis.html"
    fingerprint_fields = ("rule id, agent id", "a message: message, description")
    severities = LEVELS

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, or a list of them."""
        value = delivery.value
        bodies = objects(value, notes) if isinstance(value, list) else [reading.mapping(value)]
        found = [told for told in (_read(body, notes) for body in bodies) if told is not None]
        return found or rejected(
            "There is neither a `rule` with a `level` nor a `message` with `severity` and `created_at`, nor a text."
        )


def _read(body: Mapping[str, Any], notes: Notes) -> Told | None:
    inner = reading.mapping(nested(first(WRAPPERS, body), notes)) or body
    if "rule_level" in inner or "rule_description" in inner:
        inner = {**inner, **{whole: _part(inner, f"{whole}_") for whole in ("rule", "agent")}}
    rule = reading.mapping(inner.get("rule"))
    if "level" in rule or "description" in rule:
        told = {name: body[name] for name in ("timestamp", "id") if name in body} if inner is not body else {}
        return _alert({**told, **inner}, rule)
    if {"severity", "message", "description", "created_at"} <= set(body):
        return _message(body)
    return _chat(body, notes)


def _part(body: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The fields whose names begin alike, as an object."""
    return {name.removeprefix(prefix): value for name, value in body.items() if name.startswith(prefix)}


def _alert(body: Mapping[str, Any], rule: Mapping[str, Any]) -> Told:
    agent, manager = reading.mapping(body.get("agent")), reading.mapping(body.get("manager"))
    groups = rule.get("groups")
    return Told(
        status=Status.FIRING,
        identity=(
            "rule",
            rule.get("id") or rule.get("description"),
            first(("id", "name"), agent) or body.get("hostname"),
        ),
        titles=[rule.get("description"), body.get("title"), body.get("description"), f"Rule {rule.get('id')}"],
        severity=rule.get("level"),
        description=first(("full_log", "previous_output"), body) or rule.get("description") or body.get("description"),
        resource=("host", first(("name", "id"), agent) or body.get("hostname") or manager.get("name")),
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
        titles=sorted((body.get("description"), body.get("message")), key=lambda said: "\n" in str(said)),
        severity=body.get("severity"),
        description=body.get("message"),
        resource=("host", first(("agent", "hostname", "host"), body)),
        starts_at=first(("created_at", "timestamp"), body),
        source_event_id=body.get("id"),
    )


def _chat(body: Mapping[str, Any], notes: Notes) -> Told | None:
    """A message for people: text, attachments with fields (Slack) or embeds (Discord)."""
    parts = [body, *objects(body.get("attachments"), notes), *objects(body.get("embeds"), notes)]
    texts = [part[name] for part in parts for name in ("text", "content", "description") if _is_text(part.get(name))]
    listed = [pair for part in parts for pair in objects(part.get("fields"), notes)]
    pairs = {str(pair.get("title") or pair.get("name")): pair.get("value") for pair in listed}
    fields = plain({name: value for text in texts for name, value in lines(text).items()}) | plain(pairs)
    rule = str(pick(fields, "ruleid", "rule", "id") or "")
    level = LEVEL.search(rule) or LEVEL.search(" ".join([f"level {fields.get('level', '')}", *texts]))
    if not rule and not (level and pick(fields, "agent", "agentname", "description") is not None):
        return None
    number, agent = RULE_ID.search(rule), AGENT.match(str(pick(fields, "agent", "agentname", "host") or ""))
    said = RULE_ID.sub("", LEVEL.sub("", rule), count=1).strip(" -–:*_()|,") if number else rule
    titles = [*(part.get("title") for part in parts), fields.get("description"), fields.get("ruledescription"), said]
    host = (agent["name"] or agent["alone"]) if agent else fields.get("agent")
    title = next((one for one in titles if _is_text(one)), None)
    return Told(
        status=Status.FIRING,
        identity=("rule", number[0] if number else title, (agent["id"] if agent else None) or host),
        titles=[*titles, *texts],
        severity=level[1] if level else fields.get("severity"),
        description="\n".join(texts),
        resource=("host", host),
        labels={"rule.id": number[0] if number else "", "location": fields.get("location", "")},
        starts_at=pick(fields, "timestamp", "time", "date"),
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
