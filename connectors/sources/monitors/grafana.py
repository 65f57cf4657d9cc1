"""Grafana: unified alerting (8 and newer) and the legacy alerts of its dashboards (up to 10).

Unified alerting sends groups as Alertmanager does. The group's `status` and `state` disagree at times, and its
`groupKey` is the same for all: only an alert's own `status` and `fingerprint` count. The name of the rule is the label
`alertname`, except where the rule itself had no data or failed: then that word stands there and the name in `rulename`.

One alert out of a group, as relays hand it on, is read too.

Legacy alerts tell of one rule. `ok` comes without `evalMatches`, and a paused or pending rule is no alert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.sources.monitors import alertmanager
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Metric, Status

STATUSES = {
    "firing": Status.FIRING,
    "resolved": Status.RESOLVED,
    "alerting": Status.FIRING,
    "alert": Status.FIRING,
    "no_data": Status.FIRING,
    "nodata": Status.FIRING,
    "error": Status.FIRING,
    "ok": Status.RESOLVED,
    "normal": Status.RESOLVED,
}
QUIET = {"pending": "not firing yet", "paused": "paused by somebody"}
STATE_OF_RULE = ("DatasourceNoData", "DatasourceError", "NoData", "Error")


class Grafana(Source):
    """Groups of alerts from Grafana's contact points, and the alerts of old dashboards."""

    slug = "grafana"
    title = "Grafana"
    documentation = (
        "https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/"
        "integrations/webhook-notifier/"
    )
    formats = ("grafana_legacy",)
    fingerprint_fields = ("fingerprint, else all labels", "legacy: orgId, ruleId, ruleName")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand a group of alerts, or one legacy alert."""
        body = reading.mapping(delivery.value)
        if isinstance(body.get("alerts"), list):
            return self._group(body, delivery, notes)
        if (body.get("ruleId") is not None or body.get("ruleName")) and {"state", "evalMatches"} & set(body):
            return self._legacy(body, notes)
        if isinstance(body.get("labels"), Mapping) and {"status", "startsAt"} & set(body):
            return self._group({"alerts": [body]}, delivery, notes)
        return rejected("There is neither a list `alerts` nor a `ruleName` with its `state`; this is not Grafana's.")

    def _group(self, body: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        if not body["alerts"]:
            return ignored("The group holds no alerts.")
        alertmanager.look_at_envelope(body, notes, version="1")
        found = objects(body["alerts"], notes)
        if not found:
            return rejected("None of its alerts is an object.")
        return [self._told(alert, body, delivery, notes) for alert in found]

    def _told(self, alert: Mapping[str, Any], body: Mapping[str, Any], delivery: RawDelivery, notes: Notes) -> Told:
        status = self.status_of(alertmanager.word_of(alert, body, delivery, notes), notes)
        told = alertmanager.told_of(alert, body, status, notes)
        annotations = reading.mapping(alert.get("annotations"))
        return replace(
            told,
            titles=[
                _rule(reading.mapping(alert.get("labels"))),
                *told.titles,
                alert.get("title"),
                body.get("title"),
                body.get("message"),
            ],
            description=first(("description", "message", "summary"), annotations),
            links={
                "rule": alert.get("generatorURL"),
                "runbook": told.links["runbook"],
                "dashboard": alert.get("dashboardURL") or told.links["dashboard"],
                "panel": alert.get("panelURL"),
                "silence": alert.get("silenceURL"),
                "image": alert.get("imageURL"),
                "grafana": body.get("externalURL"),
            },
        )

    def _legacy(self, body: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        state = str(body.get("state") or "").lower()
        if state in QUIET:
            return ignored(f"The state is {state}: the rule is {QUIET[state]}.")
        matches = objects(body.get("evalMatches"), notes)
        tags = {
            **next((reading.mapping(match.get("tags")) for match in matches), {}),
            **reading.mapping(body.get("tags")),
        }
        return [
            Told(
                status=self.status_of(body.get("state"), notes),
                identity=("rule", body.get("orgId"), body.get("ruleId"), body.get("ruleName")),
                titles=[body.get("ruleName"), body.get("title"), body.get("message")],
                severity=tags.get("severity"),
                description=body.get("message"),
                resource=next(((kind, tags[kind]) for kind in alertmanager.RESOURCES if tags.get(kind)), None),
                service=first(alertmanager.SERVICE, tags),
                environment=first(alertmanager.ENVIRONMENT, tags),
                region=tags.get("region"),
                team=tags.get("team"),
                labels=tags,
                metric=next((metric for metric in map(_metric, matches) if metric), None),
                links={"rule": body.get("ruleUrl"), "image": body.get("imageUrl")},
                source_event_id=body.get("ruleId"),
            )
        ]


def _rule(labels: Mapping[str, Any]) -> object:
    """The rule's name; with the state of the rule where Grafana puts that into `alertname`."""
    name, rule = labels.get("alertname"), labels.get("rulename")
    return f"{rule} ({name})" if name in STATE_OF_RULE and isinstance(rule, str) and rule else name


def _metric(match: Mapping[str, Any]) -> Metric | None:
    name, value = match.get("metric"), match.get("value")
    if not isinstance(name, str) or not name or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Metric(name=name[: reading.WORD], value=reading.number(value))
