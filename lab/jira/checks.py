"""What Jira takes in fields, and how it says that it does not."""

from collections.abc import Mapping
from typing import Any

from lab.fakes import Answer, RefusalError
from lab.jira.habits import Habits

PROJECTS = frozenset({"OPS"})
TYPES = frozenset({"Task", "Bug", "Incident"})
PRIORITIES = frozenset({"Highest", "High", "Medium", "Low", "Lowest"})
COMPONENTS = frozenset({"Payments", "Checkout"})


def refusal(
    status: int, *messages: str, errors: Mapping[str, str] | None = None, headers: dict[str, str] | None = None
) -> RefusalError:
    """A refusal as it writes them."""
    return RefusalError(Answer(status, {"errorMessages": list(messages), "errors": dict(errors or {})}, headers or {}))


def require(fields: dict[str, Any], habits: Habits, *, is_new: bool) -> None:
    """Refuse what its screens and fields do not take.

    Raises:
        RefusalError: 400, with the errors by field.
    """
    errors = {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in habits.off_screen
        if name in fields
    }
    errors |= _place(fields) if is_new else {}
    errors |= _texts(fields, is_new=is_new) | _named(fields) | _labels(fields)
    if errors:
        raise refusal(400, errors=errors)


def _place(fields: dict[str, Any]) -> dict[str, str]:
    errors = {}
    if (fields.get("project") or {}).get("key") not in PROJECTS:
        errors["project"] = "valid project is required"
    if (fields.get("issuetype") or {}).get("name") not in TYPES:
        errors["issuetype"] = "The issue type selected is invalid."
    return errors


def _texts(fields: dict[str, Any], *, is_new: bool) -> dict[str, str]:
    errors = {}
    summary = fields.get("summary", "" if is_new else None)
    if summary is not None and not str(summary).strip():
        errors["summary"] = "You must specify a summary of the issue."
    elif summary is not None and len(summary) >= 255:
        errors["summary"] = "Summary must be less than 255 characters."
    elif summary is not None and ("\n" in summary or "\r" in summary):
        errors["summary"] = "The summary is invalid because it contains newline characters."
    if len(fields.get("description") or "") > 32_767:
        errors["description"] = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
    return errors


def _named(fields: dict[str, Any]) -> dict[str, str]:
    errors = {}
    if "priority" in fields and fields["priority"].get("name") not in PRIORITIES:
        errors["priority"] = "The priority selected is invalid."
    unknown = [one["name"] for one in fields.get("components", []) if one.get("name") not in COMPONENTS]
    if unknown:
        errors["components"] = f"Component name '{unknown[0]}' is not valid"
    return errors


def _labels(fields: dict[str, Any]) -> dict[str, str]:
    for one in fields.get("labels", []):
        if " " in one:
            return {"labels": f"The label '{one}' contains spaces which is invalid."}
        if len(one) > 255:
            return {"labels": f"The label '{one[:20]}...' is too long. Maximum number of characters is 255."}
    return {}
