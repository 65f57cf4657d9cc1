"""What the tables hold: fields, numbers, choices, references; all values are texts, as in the Table API."""

from dataclasses import dataclass, field
from typing import Final

SYSTEM: Final = ("sys_id", "sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count")
TASK: Final = (
    *("number", "short_description", "description", "state", "impact", "urgency", "priority", "assignment_group"),
    *("assigned_to", "cmdb_ci", "business_service", "correlation_id", "correlation_display", "work_notes", "comments"),
    *("opened_at", "closed_at", "close_notes", "close_code", "approval", "active", "sys_class_name"),
)
INCIDENT_STATES: Final = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
CHANGE_STATES: Final = {
    "-5": "New",
    "-4": "Assess",
    "-3": "Authorize",
    "-2": "Scheduled",
    "-1": "Implement",
    "0": "Review",
    "3": "Closed",
    "4": "Canceled",
}
LEVELS: Final = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
PRIORITIES: Final = {"1": "1 - Critical", "2": "2 - High", "3": "3 - Moderate", "4": "4 - Low", "5": "5 - Planning"}
APPROVALS: Final = {
    "not requested": "Not Yet Requested",
    "requested": "Requested",
    "approved": "Approved",
    "rejected": "Rejected",
    "not_required": "No Longer Required",
    "cancelled": "Cancelled",
}
STATUSES: Final = {"1": "Operational", "2": "Non-Operational", "6": "Retired"}
CRITICALITIES: Final = {
    "1 - most critical": "1 - most critical",
    "2 - somewhat critical": "2 - somewhat critical",
    "3 - less critical": "3 - less critical",
    "4 - not critical": "4 - not critical",
}
JOURNALS: Final = ("work_notes", "comments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes:
        fields: all its columns.
        prefix: of its numbers; empty where it has none.
        references: column to the table that it points into.
        choices: column to code to label, in the instance's language.
        defaults: what an insert fills in.
        shown: the column that stands for a row where others refer to it.
    """

    fields: frozenset[str]
    prefix: str = ""
    references: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    shown: str = "number"


_OF_TASK = {
    "assigned_to": "sys_user",
    "cmdb_ci": "cmdb_ci",
    "business_service": "cmdb_ci",
    "assignment_group": "sys_user_group",
}
_LEVELS = {"impact": LEVELS, "urgency": LEVELS, "priority": PRIORITIES}
TABLES: Final = {
    "incident": Table(
        fields=frozenset([*SYSTEM, *TASK, "caller_id", "category", "hold_reason", "resolved_at", "severity"]),
        prefix="INC",
        references={**_OF_TASK, "caller_id": "sys_user"},
        choices={"state": INCIDENT_STATES, **_LEVELS},
        defaults={"state": "1", "impact": "3", "urgency": "3", "active": "true", "approval": "not requested"},
    ),
    "change_request": Table(
        fields=frozenset([*SYSTEM, *TASK, "type", "risk", "on_hold", "start_date", "end_date", "justification"]),
        prefix="CHG",
        references=_OF_TASK,
        choices={"state": CHANGE_STATES, "approval": APPROVALS, **_LEVELS},
        defaults={
            "state": "-5",
            "impact": "3",
            "urgency": "3",
            "active": "true",
            "approval": "not requested",
            "type": "normal",
            "risk": "4",
            "on_hold": "false",
        },
    ),
    "sysapproval_approver": Table(
        fields=frozenset([*SYSTEM, "sysapproval", "approver", "state", "comments", "document_id", "source_table"]),
        references={"sysapproval": "change_request", "approver": "sys_user"},
        choices={"state": APPROVALS},
        defaults={"state": "requested", "source_table": "change_request"},
        shown="sys_id",
    ),
    "sys_user": Table(fields=frozenset([*SYSTEM, "user_name", "name", "email", "active"]), shown="name"),
    "sys_user_group": Table(fields=frozenset([*SYSTEM, "name"]), shown="name"),
    "cmdb_ci": Table(
        fields=frozenset([*SYSTEM, "name", "sys_class_name", "operational_status", "environment", "support_group"]),
        references={"support_group": "sys_user_group"},
        shown="name",
    ),
    "cmdb_ci_service": Table(
        fields=frozenset(
            [
                *(*SYSTEM, "name", "sys_class_name", "operational_status", "environment", "support_group"),
                *("used_for", "busines_criticality"),
            ]
        ),
        references={"support_group": "sys_user_group"},
        choices={"operational_status": STATUSES, "busines_criticality": CRITICALITIES},
        defaults={"operational_status": "1", "sys_class_name": "cmdb_ci_service"},
        shown="name",
    ),
    "cmdb_rel_type": Table(fields=frozenset([*SYSTEM, "name", "parent_descriptor", "child_descriptor"]), shown="name"),
    "cmdb_rel_ci": Table(
        fields=frozenset([*SYSTEM, "parent", "child", "type"]),
        references={"parent": "cmdb_ci_service", "child": "cmdb_ci_service", "type": "cmdb_rel_type"},
        shown="sys_id",
    ),
}
