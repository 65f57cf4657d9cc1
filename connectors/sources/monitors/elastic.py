"""Elastic: Kibana's webhook connector, Watcher's webhook action, and ElastAlert's HTTP post.

Kibana posts a template of one's own over `rule.…`, `alert.…` and `context.…`; read are these variables under any
spelling of their names, also as JSON in a string, and those of version 7, whose `alertId` and `alertName` are the
rule's. Its action groups are those of the rule's type, but that of the end is called `recovered` in each: a template
without status and group is one that is sent while the alert is active. `context.alerts` lists documents of Elastic
Security. Watcher and ElastAlert know no end. OpenSearch, which grew from it, is read too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.intake.envelopes import TEXT
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.sources.monitors import opensearch
from connectors.sources.monitors.names import pick, plain
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {
    **dict.fromkeys(("active", "alert", "open", "firing", "alerting", "new"), Status.FIRING),
    **dict.fromkeys(("recovered", "closed", "close", "ok", "resolved"), Status.RESOLVED),
    "acknowledged": Status.ACKNOWLEDGED,
    "flapping": Status.FIRING,
    **opensearch.STATES,
}
NAMED = ("rulename", "kibanaalertrulename", "alertrulename", "contextrulename", "signalrulename", "rule")
RULE = (*NAMED, "alertname", "name")
RULE_ID = ("ruleid", "kibanaalertruleuuid", "alertruleid", "signalruleid")
ALERT_ID = ("alertid", "kibanaalertinstanceid", "kibanaalertuuid", "alertuuid", "alertinstanceid")
STATUS = ("status", "alertstatus", "kibanaalertstatus", "state", "contextalertstatestate", "eventaction")
WORKFLOW = ("kibanaalertworkflowstatus", "workflowstatus", "signalstatus")
"""What people did with an alert of Elastic Security, which has no end of its own."""
GROUP = ("alertactiongroup", "actiongroup", "alertactiongroupname", "actiongroupname", "kibanaalertactiongroup")
SEVERITY = (
    "severity",
    "kibanaalertseverity",
    "alertseverity",
    "ruleseverity",
    "contextruleseverity",
    "kibanaalertruleseverity",
    "signalruleseverity",
)
SAID = ("contextreason", "kibanaalertreason", "contextmessage", "message", "reason", "contexttitle", "ruledescription")
HOST = ("contexthostname", "hostname", "contexthost", "host", "contextgroup", "agentname", "beathostname")
TIME = ("date", "timestamp", "contexttimestamp", "contextdate", "time", "triggertriggeredtime")
GROUPS = {"new": {"status": "active"}, "ongoing": {"status": "active"}, "recovered": {"status": "recovered"}}
NESTED = ("rule", "alert", "context", "payload", "ctx")
NOTHING = "There is no rule with an alert's id, status, severity or message; this is nothing of Elastic's."
Fields = Mapping[str, object]


class Elastic(Source):
    """Rules of Kibana, watches, and ElastAlert's rules."""

    slug = "elastic"
    title = "Elastic (Kibana, Watcher, ElastAlert) and OpenSearch"
    documentation = "https://www.elastic.co/docs/reference/kibana/connectors-kibana/webhook-action-type"
    media = frozenset({TEXT})
    formats = ("kibana", "elastalert", "watcher", "opensearch")
    fingerprint_fields = ("rule id or name, alert id", "watch_id", "ElastAlert: rule name, host", "monitor, trigger")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, a summary of several, or a list of documents."""
        inner = reading.mapping(delivery.value).get("alerts")
        listed = inner if isinstance(inner, list) else delivery.value
        if isinstance(listed, list):
            return shapes.together([self._one(one, notes) for one in objects(listed, notes)], notes, NOTHING)
        return self._one(reading.mapping(delivery.value), notes)

    def _one(self, told: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        body = _unwrapped(told, notes)
        listed = reading.mapping(body.get("alerts"))
        if any("data" in reading.mapping(told) for told in listed.values()):
            return self._summary(body, listed, notes)
        if body.get("watch_id") or reading.mapping(body.get("ctx")).get("watch_id"):
            return [_watch(reading.mapping(body.get("ctx")) or body)]
        if "num_hits" in body or "num_matches" in body or body.get("alert_text"):
            return [_match(body)]
        monitored, fields = opensearch.told(body, self, notes), _of_now(plain(body))
        is_ruled = pick(fields, *NAMED, *RULE_ID) is not None and (
            pick(fields, *STATUS, *GROUP, *ALERT_ID, *WORKFLOW, *SEVERITY, *SAID) is not None
        )
        if monitored is None and not is_ruled:
            return rejected(NOTHING)
        return [monitored or self._told(fields, notes)]

    def _summary(self, body: Mapping[str, Any], listed: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        """The new, ongoing and recovered alerts of a rule, whose documents Kibana lists."""
        rule, found = plain({"rule": body.get("rule"), "date": body.get("date")}), []
        for name, group in GROUPS.items():
            told = nested(reading.mapping(listed.get(name)).get("data"), notes)
            found += [self._told({**rule, **group, **plain(one)}, notes) for one in objects(told, notes)]
        return found or ignored("The summary holds no alerts.")

    def _told(self, fields: Fields, notes: Notes) -> Told:
        status, time = self._status(fields, notes), pick(fields, *TIME)
        rule, alert = pick(fields, *RULE_ID, *RULE), pick(fields, *ALERT_ID)
        return Told(
            status=status,
            identity=("rule and alert", rule, alert),
            titles=[pick(fields, *RULE), *[fields.get(name) for name in SAID]],
            severity=pick(fields, *SEVERITY),
            description=pick(fields, *SAID),
            resource=("host", pick(fields, *HOST)),
            service=pick(fields, "contextservicename", "servicename", "service"),
            environment=pick(fields, "contextserviceenvironment", "serviceenvironment", "environment"),
            labels={name: fields[name] for name in (*RULE_ID, "ruletype", "rulespaceid", "ruletags") if name in fields},
            links={"alert": pick(fields, "contextalertdetailsurl", "kibanaalerturl"), "rule": fields.get("ruleurl")},
            starts_at=fields.get("kibanaalertstart") or (time if status is not Status.RESOLVED else None),
            ends_at=time,
            at=time,
            source_event_id=alert,
        )

    def _status(self, fields: Fields, notes: Notes) -> Status:
        """The alert's status; else its action group, whose names are the rule type's own but for the end."""
        word, done = pick(fields, *STATUS), pick(fields, *WORKFLOW)
        if done in ("acknowledged", "closed") and word in (None, "active"):
            word = done
        if word is not None:
            return self.status_of(word, notes)
        group = pick(fields, *GROUP)
        if group is None and done is None:
            notes.add("There is neither a status nor an action group; it counts as firing.")
        return Status.RESOLVED if str(group).lower() == "recovered" else Status.FIRING


def _of_now(fields: dict[str, object]) -> dict[str, object]:
    """The variables of Kibana 7 by the names of today: what it calls an alert is a rule, an instance an alert."""
    if "alertinstanceid" not in fields or "alertname" not in fields:
        return fields
    renamed = {"rulename": fields["alertname"], "ruleid": fields.get("alertid"), "alertid": fields["alertinstanceid"]}
    return {name: told for name, told in {**fields, **renamed}.items() if told is not None}


def _unwrapped(body: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    """The body without what people put around it, and with the JSON in its strings read."""
    outer = (
        first(("webhook_body", "_source"), {name: reading.mapping(told) or None for name, told in body.items()}) or body
    )
    renamed = {
        name.removesuffix("_info"): (nested(value, notes) or value) if name.removesuffix("_info") in NESTED else value
        for name, value in outer.items()
    }
    payload = reading.mapping(renamed.get("payload"))
    return payload if payload.get("watch_id") and not renamed.get("watch_id") else renamed


def _watch(body: Mapping[str, Any]) -> Told:
    metadata, trigger = reading.mapping(body.get("metadata")), reading.mapping(body.get("trigger"))
    return Told(
        status=Status.FIRING,
        identity=("watch", body.get("watch_id")),
        titles=[metadata.get("name"), body.get("watch_id")],
        severity=metadata.get("severity"),
        description=body.get("message") or metadata.get("description"),
        service=metadata.get("service"),
        labels=metadata,
        starts_at=trigger.get("triggered_time") or body.get("execution_time"),
        source_event_id=body.get("watch_id"),
    )


def _match(body: Mapping[str, Any]) -> Told:
    """ElastAlert: the document that matched, with what the rule adds to it; the rule's name is not added by itself."""
    name = first(("rule_name", "alert_name", "name", "rule", "alert_subject", "title"), body)
    fields = plain(body)
    host = pick(fields, *HOST)
    return Told(
        status=Status.FIRING,
        identity=("match", name, host, body.get("_index") if name is None else None),
        titles=[name, body.get("alert_subject"), body.get("message"), "ElastAlert found a match"],
        severity=first(("severity", "log.level", "rule_level", "priority", "level"), body),
        description=first(("alert_text", "message"), body),
        resource=("host", host),
        service=pick(fields, "servicename", "service"),
        labels={key: body[key] for key in ("num_hits", "num_matches", "_index", "_id") if key in body},
        starts_at=first(("@timestamp", "timestamp"), body),
        source_event_id=body.get("_id"),
    )
