"""Grafana OnCall: the formatted webhook that it takes, and the outgoing webhook that it sends.

Of the formatted webhook no field is required; `alert_uid` groups, and `state` is `ok` or `alerting`. Without a state it
is a new alert, as OnCall reads it. The outgoing webhook tells an alert group with its own state; users' comments and
escalation steps come with the state unchanged.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "alerting": Status.FIRING,
    "firing": Status.FIRING,
    "new": Status.FIRING,
    "ok": Status.RESOLVED,
    "resolved": Status.RESOLVED,
    "acknowledged": Status.ACKNOWLEDGED,
    "silenced": Status.SUPPRESSED,
}
IS_FORMATTED = ("alert_uid", "link_to_upstream_details")
SAYS_SOMETHING = ("title", "message")
LIBRENMS_ACKNOWLEDGED = "2"
"""LibreNMS posts `state` ok for an alert that somebody acknowledged, and tells it apart in `raw_state`."""
NO_CHANGE = frozenset(["escalation", "personal notification", "manual", "status update"])


class OnCall(Source):
    """Alerts and alert groups of Grafana OnCall."""

    slug = "oncall"
    title = "Grafana OnCall"
    documentation = "https://grafana.com/docs/oncall/latest/configure/integrations/references/webhook/"
    formats = ("oncall_formatted",)
    fingerprint_fields = ("alert_uid", "alert group id (outgoing)")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand a formatted webhook or an outgoing one."""
        body = reading.mapping(delivery.value)
        group = reading.mapping(body.get("alert_group"))
        if group.get("id") is not None:
            return self._group(group, body, notes)
        if first(IS_FORMATTED, body) is None and (first(SAYS_SOMETHING, body) is None or "state" not in body):
            return rejected("There is neither `alert_uid` nor a `title` with a `state`; this is no OnCall webhook.")
        return [self._formatted(body, notes)]

    def _formatted(self, body: Mapping[str, Any], notes: Notes) -> Told:
        uid, word = body.get("alert_uid"), body.get("state")
        if word in (None, ""):
            notes.add("There is no `state`; it counts as alerting.")
            word = "alerting"
        seen = str(word).lower() == "ok" and str(body.get("raw_state")) == LIBRENMS_ACKNOWLEDGED
        return Told(
            status=Status.ACKNOWLEDGED if seen else self.status_of(word, notes),
            identity=("uid", uid) if uid not in (None, "") else ("title", first(SAYS_SOMETHING, body)),
            titles=[body.get("title"), body.get("message"), uid],
            severity=body.get("severity"),
            description=body.get("message"),
            service=body.get("service"),
            environment=body.get("environment"),
            labels=body.get("labels"),
            links={"upstream": body.get("link_to_upstream_details"), "image": body.get("image_url")},
            starts_at=first(("starts_at", "timestamp"), body),
            ends_at=first(("ends_at", "timestamp"), body),
            source_event_id=uid,
        )

    def _group(self, group: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        event = reading.mapping(body.get("event"))
        if str(event.get("type") or "").lower() in NO_CHANGE:
            return ignored(f"The event {str(event['type'])[:40]!r} does not change the alert group's state.")
        labels = {**reading.mapping(group.get("labels")), **reading.mapping(body.get("alert_group_labels"))}
        payload = reading.mapping(body.get("alert_payload"))
        common = {**reading.mapping(payload.get("labels")), **reading.mapping(payload.get("commonLabels"))}
        return [
            Told(
                status=self.status_of(group.get("state"), notes),
                identity=("group", group["id"]),
                titles=[group.get("title"), payload.get("title"), f"OnCall alert group {str(group['id'])[:40]}"],
                severity=first(("severity",), {**common, **labels}),
                description=payload.get("message"),
                service=first(("service", "service_name"), {**common, **labels}),
                environment=first(("environment", "env"), {**common, **labels}),
                team=first(("team", "team_name"), labels),
                labels=labels,
                links={"group": reading.mapping(group.get("permalinks")).get("web")},
                starts_at=group.get("created_at"),
                ends_at=first(("resolved_at",), group) or event.get("time"),
                at=event.get("time"),
                source_event_id=group["id"],
            )
        ]
