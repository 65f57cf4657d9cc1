"""What rules of Azure Monitor post without the common schema, and what conditions and resources have in common."""

import re
from collections.abc import Mapping
from typing import Any

from connectors import reading
from connectors.base import first
from connectors.reading import Notes
from connectors.sources.cloud import shapes
from connectors.told import Source, Told
from incidents.events import Metric, Status

STATED = frozenset({"ServiceHealth", "ResourceHealth", "Security"})
UNITS = {"bytes": "By", "percent": "%", "seconds": "s", "milliseconds": "ms", "count": "1"}
SEARCHED = frozenset({"searchquery", "searchresult", "searchresults", "includesearchresults", "resultcount"})
FIRED = re.compile(r"(.{1,300}?)\s+(?:(?:has|was|is|been) )*(?:fired|activated|triggered)\b", re.IGNORECASE | re.DOTALL)
NO_RESOURCE = frozenset({"microsoft.resourceid", "microsoft.resourcetype"})


def metric(data: Mapping[str, Any], source: Source, notes: Notes) -> Told:
    """A metric alert, classic or of version 2; the classic one has no severity."""
    context = reading.mapping(data.get("context"))
    own, found = reading.mapping(data.get("properties")), conditions(context)
    target = context.get("resourceName") or last(context.get("resourceId"))
    rule = first(("id", "name"), context)
    status = source.status_of(data.get("status"), notes)
    return Told(
        status=status,
        identity=("rule", _lower(rule), _lower(context.get("resourceId")), sorted(dimensions(found, {}).items())),
        titles=[context.get("name"), last(context.get("id")), context.get("description")],
        severity=context.get("severity"),
        description=context.get("description"),
        resource=(str(context.get("resourceType") or "resource").lower(), target),
        service=shapes.service(own),
        environment=shapes.environment(own),
        region=context.get("resourceRegion"),
        team=shapes.team(own),
        labels=shapes.labels(own, dimensions(found, {}), {"resourceGroup": context.get("resourceGroupName")}),
        metric=measured(found),
        links={"resource": context.get("portalLink")},
        starts_at=None if status is Status.RESOLVED else context.get("timestamp"),
        ends_at=context.get("timestamp"),
        at=context.get("timestamp"),
        source_event_id=context.get("id"),
    )


def activity(data: Mapping[str, Any], source: Source, notes: Notes) -> Told:
    """An event of the activity log; only events of health and security have a state that ends."""
    event = reading.mapping(reading.mapping(data.get("context")).get("activityLog"))
    more, kind_of = reading.mapping(event.get("properties")), event.get("eventSource")
    operation = event.get("operationName") or reading.mapping(event.get("authorization")).get("action")
    has_state = isinstance(kind_of, str) and kind_of in STATED
    status = source.status_of(event.get("status") if has_state else data.get("status"), notes)
    target = event.get("resourceId") or reading.mapping(event.get("authorization")).get("scope")
    return Told(
        status=status,
        identity=("activity", kind_of, *_event(kind_of, {**event, "operationName": operation}, more, target)),
        titles=[more.get("title"), event.get("description"), operation],
        severity=more.get("severity") or event.get("level"),
        description=shapes.paragraphs(event.get("description"), more.get("details"), more.get("communication")),
        resource=(str(event.get("resourceType") or "resource").lower(), last(target)),
        service=more.get("service"),
        region=more.get("region"),
        labels=shapes.labels(
            data.get("properties"),
            {
                name: event.get(name)
                for name in ("eventSource", "operationName", "caller", "resourceGroupName", "status")
            },
        ),
        starts_at=more.get("impactStartTime") or event.get("eventTimestamp"),
        ends_at=more.get("impactMitigationTime") or event.get("eventTimestamp"),
        at=event.get("eventTimestamp"),
        source_event_id=more.get("trackingId") or event.get("eventDataId"),
    )


def is_log(data: Mapping[str, Any]) -> bool:
    """Whether it is a log search alert; their fields come in several cases, and as few as a person chose."""
    names = {str(name).lower() for name in data}
    return bool(names & {"alertrulename", "alertname"}) and bool(names & SEARCHED)


def log(data: Mapping[str, Any]) -> Told:
    """A log search alert: sent when its query finds enough, and never when it no longer does."""
    told = {str(name).lower(): value for name, value in data.items()}
    rule = first(("alertrulename", "alertname"), told)
    scope = first(("resourceid", "workspaceid", "applicationid", "subscriptionid"), told)
    split = shapes.pairs(told.get("dimensions"))
    items = [*(value for value in split.values() if shapes.is_text(value))]
    items += shapes.texts(told.get("affectedconfigurationitems"))
    return Told(
        status=Status.FIRING,
        identity=("log", rule, _lower(scope), sorted((name, str(value)) for name, value in split.items())),
        titles=[rule],
        severity=told.get("severity"),
        description=shapes.paragraphs(told.get("description"), told.get("searchquery")),
        resource=("resource", last(items[0])) if items else ("scope", last(told.get("resourceid"))),
        labels=shapes.labels(split, {"type": told.get("alerttype"), "results": told.get("resultcount")}),
        metric=Metric(
            name="results",
            value=reading.number(told.get("resultcount")),
            unit="1",
            threshold=reading.number(told.get("alertthresholdvalue")),
        ),
        links={"query": first(("linktofilteredsearchresultsui", "linktosearchresults"), told)},
        starts_at=first(("searchintervalendtimeutc", "searchintervalstarttimeutc"), told),
    )


def text(said: str) -> Told:
    """What a person made of a log search alert by a payload of his own: a text, here begun by the rule's name."""
    found = FIRED.match(said)
    rule = found[1].strip(" *_\"'`:") if found else ""
    return Told(
        status=Status.FIRING if found else Status.UNCLASSIFIED,
        identity=("text", rule or said),
        titles=[said],
        description=said,
        labels={"rule": rule} if rule else {},
    )


def budget(data: Mapping[str, Any]) -> Told:
    """A budget that was spent beyond a share of it."""
    where = [_lower(data.get(name)) for name in ("SubscriptionId", "ResourceGroup")]
    spent = shapes.paragraphs(f"{data.get('SpendingAmount')} of {data.get('Budget')} {data.get('Unit')} are spent.")
    return Told(
        status=Status.FIRING,
        identity=("budget", *where, data.get("BudgetName")),
        titles=[data.get("BudgetName")],
        description=spent,
        resource=("subscription", first(("SubscriptionName", "SubscriptionId"), data)),
        labels={"type": data.get("BudgetType"), "resourceGroup": data.get("ResourceGroup")},
    )


def conditions(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The conditions of a rule: a list in version 2, one of its own before."""
    condition = reading.mapping(context.get("condition"))
    return shapes.several(condition.get("allOf")) or ([condition] if condition else [])


def dimensions(found: list[Mapping[str, Any]], context: Mapping[str, Any]) -> dict[str, str]:
    """The dimensions by which a rule was split, without those that only repeat the resource."""
    listed = [shapes.pairs(first(("dimensions", "Dimensions"), one)) for one in (*found, context)]
    merged = shapes.labels(*listed)
    return {name: str(value) for name, value in merged.items() if name.lower() not in NO_RESOURCE}


def measured(found: list[Mapping[str, Any]]) -> Metric | None:
    """The first condition's metric."""
    name = found[0].get("metricName") or found[0].get("metricMeasureColumn") if found else None
    if not isinstance(name, str):
        return None
    value, threshold = reading.number(found[0].get("metricValue")), reading.number(found[0].get("threshold"))
    unit = UNITS.get(str(found[0].get("metricUnit")).lower(), "")
    return Metric(name=name[: reading.WORD], value=value, unit=unit, threshold=threshold)


def last(resource_id: object) -> str:
    """The name at the end of a resource's id; a name alone is itself."""
    return resource_id.rstrip("/").rpartition("/")[2] if isinstance(resource_id, str) else ""


def kind(resource_ids: list[str]) -> str:
    """The type that the first resource's id names, such as `microsoft.compute/virtualmachines`."""
    parts = resource_ids[0].lower().split("/") if resource_ids else []
    at = len(parts) - 1 - parts[::-1].index("providers") if "providers" in parts else len(parts)
    return "/".join(parts[at + 1 : at + 3]) or "resource"


def _event(kind_of: object, event: Mapping[str, Any], more: Mapping[str, Any], target: object) -> tuple[object, ...]:
    if kind_of == "ServiceHealth" and more.get("trackingId"):
        return (more["trackingId"],)
    if kind_of in ("ResourceHealth", "Security"):
        return (_lower(target or event.get("eventDataId")),)
    return (event.get("operationName"), _lower(target))


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
