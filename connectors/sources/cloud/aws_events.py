"""EventBridge events that are alerts: AWS Health, GuardDuty and Security Hub."""

from collections.abc import Mapping
from typing import Any

from connectors import reading
from connectors.base import first
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told, objects
from incidents.events import Status

GRADES = ((9, "critical"), (7, "high"), (4, "medium"))


def health(body: Mapping[str, Any], source: Source, notes: Notes) -> Told:
    """An event of AWS Health; without a `statusCode` its end counts. Its category counts as its severity."""
    detail = reading.mapping(body.get("detail"))
    word = detail.get("statusCode") or ("closed" if _is_over(body, detail) else "open")
    entities = [one.get("entityValue") for one in shapes.several(detail.get("affectedEntities"))]
    named = [*(one for one in entities if shapes.is_text(one)), *shapes.texts(body.get("resources"))]
    return Told(
        status=source.status_of(word, notes),
        identity=("health", first(("eventArn",), detail) or [detail.get("eventTypeCode"), body.get("id")]),
        titles=[detail.get("eventTypeCode"), body.get("detail-type")],
        severity=detail.get("eventTypeCategory"),
        description=_description(detail.get("eventDescription")),
        resource=("entity", named[0]) if named else None,
        service=detail.get("service"),
        region=first(("eventRegion",), detail) or body.get("region"),
        labels={
            "account": first(("affectedAccount",), detail) or body.get("account"),
            "category": detail.get("eventTypeCategory"),
            "scope": detail.get("eventScopeCode"),
        },
        starts_at=detail.get("startTime"),
        ends_at=detail.get("endTime"),
        at=detail.get("lastUpdatedTime") or body.get("time"),
        source_event_id=detail.get("eventArn"),
    )


def _is_over(body: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    """Whether it had ended when it was sent; an end that is the start says nothing."""
    told = (body.get("time"), detail.get("lastUpdatedTime"), detail.get("startTime"), detail.get("endTime"))
    sent_at, updated_at, starts_at, ends_at = (reading.usable(one, reading.SHOWN[1]) for one in told)
    sent_at = max((at for at in (sent_at, updated_at) if at), default=None)
    return ends_at is not None and sent_at is not None and starts_at != ends_at <= sent_at


def guard_duty(body: Mapping[str, Any]) -> Told:
    """A finding of GuardDuty, which never takes one back; severities are numbers, 4 medium, 7 high, 9 critical."""
    detail = reading.mapping(body.get("detail"))
    grade = reading.number(detail.get("severity"))
    service = reading.mapping(detail.get("service"))
    is_archived = service.get("archived") is True
    return Told(
        status=Status.SUPPRESSED if is_archived else Status.FIRING,
        identity=("finding", first(("arn", "id"), detail)),
        titles=[detail.get("title"), detail.get("type")],
        severity=_grade(grade),
        description=detail.get("description"),
        resource=("resource", reading.mapping(detail.get("resource")).get("resourceType")),
        region=first(("region",), detail) or body.get("region"),
        labels={"account": first(("accountId",), detail) or body.get("account"), "type": detail.get("type")},
        starts_at=service.get("eventFirstSeen") or detail.get("createdAt"),
        at=detail.get("updatedAt"),
        source_event_id=detail.get("id"),
    )


def security_hub(body: Mapping[str, Any], source: Source, notes: Notes) -> list[Told]:
    """The findings of one event of Security Hub, each with its workflow's status."""
    found = objects(reading.mapping(body.get("detail")).get("findings"), notes)
    return [_finding(one, source, notes) for one in found]


def _finding(found: Mapping[str, Any], source: Source, notes: Notes) -> Told:
    workflow = reading.mapping(found.get("Workflow")).get("Status")
    is_archived = found.get("RecordState") == "ARCHIVED"
    resources = objects(found.get("Resources"), notes)
    return Told(
        status=Status.RESOLVED if is_archived else source.status_of(workflow or "NEW", notes),
        identity=("finding", found.get("Id")),
        titles=[found.get("Title")],
        severity=reading.mapping(found.get("Severity")).get("Label"),
        description=found.get("Description"),
        resource=(str(resources[0].get("Type") or "resource"), resources[0].get("Id")) if resources else None,
        region=found.get("Region"),
        labels={"account": found.get("AwsAccountId"), "product": found.get("ProductArn")},
        links={"source": found.get("SourceUrl")},
        starts_at=first(("FirstObservedAt", "CreatedAt"), found),
        ends_at=found.get("UpdatedAt"),
        at=found.get("UpdatedAt"),
        source_event_id=found.get("Id"),
    )


def _grade(value: float | None) -> object:
    if value is None:
        return None
    return next((word for least, word in GRADES if value >= least), "low")


def _description(value: object) -> object:
    """The English text, else the first there is."""
    listed = shapes.several(value)
    chosen = [one for one in listed if str(one.get("language", "")).lower().startswith("en")] or listed
    return chosen[0].get("latestDescription") if chosen else value
