"""ServiceNow's records: what business rules, flows and the Table API send.

Nothing leaves ServiceNow in one shape: a customer's script builds the body. A record comes bare, or in `incident`,
`change_request`, `problem`, `record`, `data` or `result` (one, or a list). Fields hold codes or labels, as texts or as
`{value, display_value, link}`. Codes mean different states in different tables; lists of choices are configurable, so
what is not known is unclassified. A change is work that was asked for: it waits until it is over, and never fires.
Approvals are hints; they are read back from ServiceNow before they count.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.sources.services import servicenow_words as words
from connectors.told import Source, Told, ignored, objects, rejected

WRAPPERS = (
    "incident",
    "change_request",
    "change",
    "problem",
    "record",
    "records",
    "current",
    "data",
    "result",
    "payload",
)
NUMBERS = ("number", "sys_id", "record_id", "task_number")
IS_A_TICKET = ("number", "short_description", "state", "incident_state", "task_number")
NAMES_A_TABLE = ("sys_class_name", "table", "table_name", "record_type", "tableName", "source_table")
STARTS = ("opened_at", "sys_created_on", "created_at", "initial_event_time")
ENDS = ("resolved_at", "closed_at", "work_end", "sys_updated_on")
KEPT = ("category", "subcategory", "approval", "risk", "type", "impact", "urgency", "close_code", "correlation_id")
NO_TRANSITION = frozenset(
    ["commented", "comment", "comments", "work_notes", "assigned_to", "assignment_group", "assigned", "attachment"]
)
Named = tuple[str, Mapping[str, Any]]


class ServiceNow(Source):
    """Incidents, changes, problems, tasks and alerts of ServiceNow."""

    slug = "servicenow"
    title = "ServiceNow"
    documentation = "https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html"
    formats = ("servicenow_incident", "servicenow_change", "servicenow_table")
    fingerprint_fields = ("number", "else sys_id")
    statuses = words.STATUSES
    severities = words.SEVERITIES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one record, or several."""
        listed = delivery.value if isinstance(delivery.value, list) else None
        body = {"result": listed} if listed is not None else reading.mapping(delivery.value)
        event = _event(body)
        if event in NO_TRANSITION:
            return ignored(f"The event {event!r} does not change the record's state.")
        found = [one for one in _records(body, notes) if first(NUMBERS, one[1]) is not None]
        if not found and body.get("result") == []:
            return ignored("The result holds no record.")
        if not found:
            return rejected("There is no record with a `number` or a `sys_id`; this is not ServiceNow's.")
        if all("sysapproval" in record or table == "sysapproval_approver" for table, record in found):
            return ignored("Approvals are read back from ServiceNow before they count.")
        tickets = [self._told(*one, body, notes) for one in found if first(IS_A_TICKET, one[1]) is not None]
        return tickets or ignored("The records are no tickets: they have neither a number nor a state.")

    def _told(self, table: str, record: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        number, record_id = _code(record.get("number")), _code(first(("record_id", "sys_id"), record))
        kind = words.kind(table, str(number or ""))
        if not kind:
            notes.add("Neither the table nor the number says what kind of record this is; it is read as an incident.")
        state = first(("state", "incident_state", "status"), record)
        if state is None:
            state = words.implied(kind, _event(body) or _event(record), ended=first(ENDS[:2], record) is not None)
            notes.add(f"There is no `state`; it counts as {state or 'unknown'}.")
        priority = first(("priority",), record)
        return Told(
            status=self.status_of(words.state(kind or "incident", _code(state), _label(state)), notes),
            identity=("record", number) if number not in (None, "") else ("sys_id", record_id),
            titles=[_label(first(("short_description", "description"), record)), number, record_id],
            kind=words.KINDS.get(kind, "ticket"),
            severity=words.severity(kind, {name: _code(record.get(name)) for name in words.LEVELS}, _code(priority)),
            description=_label(first(("description", "short_description"), record)),
            resource=("ci", _named(first(("ci_name", "cmdb_ci", "configuration_item", "node", "resource"), record))),
            service=_named(first(("business_service", "service", "service_offering"), record)),
            environment=_named(first(("environment", "u_environment", "used_for"), record)),
            region=_named(first(("region", "location"), record)),
            team=_named(first(("assignment_group",), record)),
            labels=_labels(record, table),
            links={"record": _address(body, record, table, record_id)},
            starts_at=_code(first(STARTS, record)),
            ends_at=_code(first(ENDS, record)),
            at=_code(record.get("sys_updated_on") or body.get("occurred_at")),
            source_event_id=number if number not in (None, "") else record_id,
        )


def _event(body: Mapping[str, Any]) -> str:
    """The last word of what happened, such as `incident.created`."""
    told = first(("event_occurred", "event", "event_type", "operation"), body)
    return told.lower().rpartition(".")[2] if isinstance(told, str) else ""


def _records(body: Mapping[str, Any], notes: Notes) -> list[Named]:
    """The records in a body, each with the table that it says or is wrapped in."""
    is_bare = first(("number", "short_description"), body) is not None
    wrapped = next((name for name in WRAPPERS if not is_bare and isinstance(body.get(name), Mapping | list)), None)
    inner = body[wrapped] if wrapped else body
    listed = objects(inner, notes) if isinstance(inner, list) else [inner]
    outer = _text(first(NAMES_A_TABLE, body))
    named = wrapped if wrapped in words.TABLES else ""
    return [(_text(first(NAMES_A_TABLE, one)) or outer or named or "", one) for one in listed]


def _text(value: object) -> str:
    """The name of a table as its code: `Change Request` is `change_request`."""
    return str(_code(value) or "").strip().lower().replace(" ", "_")


def _code(value: object) -> object:
    """The value of a field, of one told as `{value, display_value}` too."""
    told = reading.mapping(value)
    return first(("value", "display_value", "displayValue"), told) if told else value


def _label(value: object) -> object:
    told = reading.mapping(value)
    return first(("display_value", "displayValue", "name", "value"), told) if told else value


def _named(value: object) -> object:
    """What people call a reference; a bare `sys_id` names nothing."""
    label = _label(value)
    return None if isinstance(label, str) and words.SYS_ID.fullmatch(label) else label


def _labels(record: Mapping[str, Any], table: str) -> dict[str, Any]:
    found = {name: _label(record.get(name)) for name in (*KEPT, "state")}
    return {name: value for name, value in {**found, "table": table}.items() if value not in (None, "")}


def _address(body: Mapping[str, Any], record: Mapping[str, Any], table: str, record_id: object) -> object:
    link = first(("url", "link", "record_url"), record)
    host = first(("server_url", "instance_url", "instance"), {**body, **record})
    if link is not None or not isinstance(host, str) or not host.startswith("http") or not table or not record_id:
        return link
    return f"{host.rstrip('/')}/{table}.do?sys_id={record_id}"
