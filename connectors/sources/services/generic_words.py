"""How the fields of alerts are called by those who write such bodies, and the words of status in them. Pure."""

from collections.abc import Mapping
from typing import Final

from incidents.events import Status

WORDS: Mapping[Status, str] = {
    Status.FIRING: "firing fire fired alerting alert active open opened reopen reopened trigger triggered problem down "
    "fail failed failing failure error critical crit warning warn new created create start started ongoing unhealthy "
    "degraded outage bad raised anomalous breached offline unacknowledged timeout unreachable no_data nodata",
    Status.ACKNOWLEDGED: "acknowledged acknowledge acknowledgement ack acked accepted investigating identified "
    "in_progress assigned",
    Status.RESOLVED: "resolved resolve ok up close closed recover recovered recovery clear cleared healthy normal "
    "success succeeded successful passed pass passing fixed inactive end ended operational online good completed",
    Status.SUPPRESSED: "suppressed silenced muted snoozed maintenance paused inhibited",
    Status.PENDING: "pending",
}
STATUSES: Final = {word.replace("_", " "): status for status, listed in WORDS.items() for word in listed.split()}
LEVELS: Final = frozenset({"critical", "crit", "warning", "warn"})
"""Words of status that are words of severity as well."""
TYPES: Final = LEVELS | {"error", "info"}
"""Words of severity that `alert_type` may be."""
OVER: Final = frozenset({"ok", "normal", "clear", "cleared", "resolved", "recovered", "recovery"})
"""Words of severity that say that it is over, where no field tells a status."""
WELL: Final = ("up", "ok", "healthy")
"""Yes or no, where no field has a word of status."""
HAPPENED: Final = ("event", "event_type", "event_name", "type", "alert_type", "notification_type", "trigger")
"""Fields that may say what happened, `alert.fired`, and may as well be a name or a sort: only known words count."""
ALERTS: Final = frozenset({"alert", "alarm", "incident", "problem", "issue", "outage", "downtime", "event"})
THINGS: Final = frozenset({"monitor", "check", "site", "host", "service", "server", "website", "endpoint", "probe"})
MADE: Final = frozenset({"new", "created", "create", "start", "started", "end", "ended", "completed", "active"})
"""What happens to alerts when they fire or end, and to monitors when somebody makes them."""

LEADS: Final = (
    *("headline", "subject", "alertname", "alert_name", "rule_name", "alarm_name", "name", "check_name"),
    *("monitor_name", "event_name", "alert", "monitor_label", "monitor", "rule", "check", "event"),
    *("entity_display_name", "event_type_name"),
)
TEXTS: Final = (
    *("summary", "annotations_summary", "message", "text", "content", "check_output", "output", "service_output"),
    *("host_output", "plugin_output", "alert_message", "fallback", "reason", "error_message"),
    "state_message",
)
DESCRIPTIONS: Final = (
    *("description", "details", "body", "state_message", "message", "text", "content", "check_output", "output"),
    *("reason", "error_message", "annotations_description", "alert_type"),
)
STATES: Final = (
    *("status", "state", "alert_status", "alert_state", "event_action", "action", "message_type", "event_status"),
    *("incident_status", "incident_state", "monitor_status", "monitor_state", "check_status", "check_state"),
    *("current_state", "current_status", "new_state", "new_status", "service_state", "host_state"),
)
SEVERITY: Final = (
    *("severity", "level", "priority", "urgency", "criticality", "alert_severity", "incident_severity"),
    *("severity_level", "alert_level", "event_severity", "importance"),
)
KEYS: Final = (
    *("dedup_key", "dedupe_key", "deduplication_key", "dedup", "fingerprint", "alert_id", "alert_key", "event_key"),
    *("alias", "alert_uid", "incident_key", "external_id"),
)
IDS: Final = (
    *("entity_id", "incident_id", "id", "uid", "uuid", "key", "monitor_id", "monitor_token", "check_id", "check_uuid"),
    *("site_id", "event_id"),
)
WHICH: Final = ("monitor_url", "target", *KEYS, *IDS)
"""What tells alerts apart and will do for a title where there is no text."""
NAMES: Final = (
    *("alertname", "alert_name", "check", "check_name", "rule", "rule_name", "alarm_name", "monitor", "monitor_name"),
    *("monitor_label", "name", "alert", "event", "title", "summary", "message", "subject", "text", "content"),
)
SERVICES: Final = ("service", "service_name", "services", "app", "application", "component", "job")
ENVIRONMENTS: Final = ("environment", "env", "stage", "deployment_environment", "gitlab_environment_name")
RESOURCES: Final = (
    *("host", "hostname", "host_name", "hosts", "instance", "node", "pod", "container", "device", "device_name"),
    *("server", "resource", "entity", "target", "monitor_target", "monitor_url"),
)
SORTS: Final = {
    "host_name": "host",
    "hosts": "host",
    "device_name": "device",
    "monitor_target": "target",
    "monitor_url": "target",
}
STARTS: Final = (
    *("starts_at", "started_at", "start_at", "start", "start_time", "fired_at", "triggered_at", "created_at"),
    *("opened_at", "active_at", "create_time", "down_since", "first_seen", "incident_started_at"),
)
ENDS: Final = (
    *("ends_at", "ended_at", "end_at", "end", "end_time", "resolved_at", "closed_at", "recovered_at", "resolve_time"),
    *("close_time", "incident_resolved_at"),
)
TIMES: Final = (
    *("timestamp", "time", "date", "datetime", "occurred_at", "occured_at", "event_time", "at", "updated_at"),
    *("last_received", "observed_at", "reported_at", "dt", "cron_timestamp", "trigger_time", "sent_at"),
    *("state_start_time", "detected_time", "@timestamp", "ts", "ts_ms"),
)
LABELS: Final = ("labels", "tags", "metadata", "custom_details", "attributes")
OUTER: Final = ("event", "data", "payload", "resource_data")
"""What an alert may lie in where nothing beside it has a text."""
INNER: Final = ("alert", "incident")
"""What an alert may lie in whatever stands beside it."""
PARTS: Final = {
    **{name: name for name in ("monitor", "check", "rule", "service", "site", "host", "incident")},
    "snitch": "monitor",
    "annotations": "annotations",
}
"""Objects beside an alert whose fields count too, and under what name: `monitor_name` for `name` in `monitor`."""
INHERITED: Final = frozenset(
    {"status", "state", "severity", "priority", "team", "region", *SERVICES, *ENVIRONMENTS, "timestamp"}
)
"""What an alert of a list has from the body around it."""
LISTS: Final = ("alerts", "events", "incidents", "notifications")
TEAMS: Final = ("team", "owner", "squad")
SOURCES: Final = (
    *("url", "link", "source_url", "generator_url", "client_url", "link_to_upstream_details", "event_link"),
    *("alert_url", "incident_url", "issue_url", "html_url"),
)
