"""Azure Monitor: the common alert schema, and what its rules sent before: metric, log, activity log, classic, budget.

Action groups post one alert at a time; smart detectors post it as the API has it, its essentials within `properties`,
and a runbook hands it on as JSON in `RequestBody`. Log search, activity log and budget alerts of the old schemas only
ever fire; where a person made them a mere text, its words before "fired" name the rule. In the common schema
`monitorCondition` alone says what happened, whatever a service health notice says of its stage.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.nested import nested
from connectors.reading import Notes
from connectors.sources.cloud import azure_rules, shapes
from connectors.told import Source, Told, control, ignored, objects, rejected
from incidents.events import Severity, Status

STATUSES = {
    "fired": Status.FIRING,
    "activated": Status.FIRING,
    "active": Status.FIRING,
    "in progress": Status.FIRING,
    "inprogress": Status.FIRING,
    "updated": Status.FIRING,
    "resolved": Status.RESOLVED,
    "deactivated": Status.RESOLVED,
}
SEVERITIES = {
    "0": Severity.CRITICAL,
    "1": Severity.HIGH,
    "2": Severity.WARNING,
    "3": Severity.INFO,
    "4": Severity.INFO,
}
VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
NOTHING = "There are neither `essentials` nor a `context` nor an `AlertRuleName`; this is no alert of Azure Monitor."


class Azure(Source):
    """Alerts that an action group of Azure Monitor posts."""

    slug = "azure"
    title = "Azure Monitor"
    documentation = "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema"
    formats = ("azure_common", "azure_metric", "azure_log", "azure_classic")
    fingerprint_fields = ("alertId; before the common schema the rule's id, the resource and the dimensions",)
    statuses = STATUSES
    severities = SEVERITIES
    answer = "validationResponse"

    def waits(self, delivery: RawDelivery) -> bool:
        """Event Grid asks for a code to be sent back."""
        first_one = delivery.value[0] if isinstance(delivery.value, list) and delivery.value else None
        return reading.mapping(first_one).get("eventType") == VALIDATION

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert, or what Event Grid posts in a list."""
        if isinstance(delivery.value, list):
            read = [self._one(one, notes) for one in objects(delivery.value, notes)]
            return shapes.together(read, notes, NOTHING)
        return self._one(reading.mapping(delivery.value), notes)

    def _one(self, body: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        body = reading.mapping(nested(body.get("RequestBody"), notes)) or body
        data = reading.mapping(body.get("data"))
        if isinstance(body.get("eventType"), str):
            return self._from_grid(body["eventType"], data, notes)
        for holder in (data, body, {"alertId": body.get("id"), **reading.mapping(body.get("properties"))}):
            found = self._shape(holder, notes)
            if found is not None:
                return found
        if shapes.is_text(body.get("text")) and len(body) == 1:
            notes.add("It is a text only; add the rule's name and severity to the payload, or use the common schema.")
            return [azure_rules.text(body["text"])]
        return rejected(NOTHING)

    def _shape(self, holder: Mapping[str, Any], notes: Notes) -> Parsed | list[Told] | None:
        if isinstance(holder.get("essentials"), Mapping):
            return [self._common(holder, notes)]
        if reading.mapping(holder.get("context")):
            return self._in_context(holder, notes)
        if azure_rules.is_log(holder):
            return [azure_rules.log(holder)]
        return [azure_rules.budget(holder)] if "BudgetName" in holder else None

    def _in_context(self, holder: Mapping[str, Any], notes: Notes) -> Parsed | list[Told]:
        if isinstance(holder["context"].get("activityLog"), Mapping):
            return [azure_rules.activity(holder, self, notes)]
        if "operation" in holder and "newCapacity" in holder["context"]:
            return ignored("A scale set grew or shrank; that is no alert.")
        return [azure_rules.metric(holder, self, notes)]

    def _from_grid(self, kind: str, data: Mapping[str, Any], notes: Notes) -> Parsed | Iterable[Told]:
        if kind == VALIDATION:
            code = reading.text(data.get("validationCode"), 200, notes, "validation code")
            return control("Event Grid asks to confirm its subscription.", reply=code)
        found = self._one({"data": data}, notes)
        is_other = isinstance(found, Parsed) and found.outcome == "reject"
        return ignored(f"The event {kind[:80]!r} is no alert.") if is_other else found

    def _common(self, data: Mapping[str, Any], notes: Notes) -> Told:
        told = {"alertId": data.get("alertId"), **reading.mapping(data.get("essentials"))}
        context, rule = reading.mapping(data.get("alertContext")), told.get("alertRule")
        inner = reading.mapping(context.get("properties"))
        budget = reading.mapping(context.get("AlertData"))
        own = shapes.labels(data.get("customProperties"), context.get("labels"), inner if _is_own(context) else {})
        conditions = azure_rules.conditions(context)
        resources = shapes.texts(told.get("alertTargetIDs")) or shapes.texts([told.get("targetResource")])
        targets = [*shapes.texts(told.get("configurationItems")), *resources]
        target = azure_rules.last(targets[0]) if targets else None
        about = {
            name: told.get(name) for name in ("alertRule", "signalType", "monitoringService", "targetResourceType")
        }
        return Told(
            status=self.status_of(told.get("monitorCondition"), notes),
            identity=_identity(told, targets),
            titles=[
                azure_rules.last(rule) if str(rule).startswith("/") else rule,
                budget.get("BudgetName"),
                inner.get("title"),
                told.get("description"),
            ],
            severity=told.get("severity"),
            description=shapes.paragraphs(
                told.get("description"), inner.get("title"), reading.mapping(context.get("annotations")).get("summary")
            ),
            resource=(azure_rules.kind(resources), target) if target else None,
            service=shapes.service(own) or inner.get("service"),
            environment=shapes.environment(own),
            region=inner.get("region"),
            team=shapes.team(own),
            labels=shapes.labels(own, azure_rules.dimensions(conditions, context), about),
            metric=azure_rules.measured(conditions),
            links={
                "alert": told.get("investigationLink"),
                "query": first(("linkToFilteredSearchResultsUI", "linkToSearchResultsUI"), conditions[0])
                if conditions
                else first(("LinkToFilteredSearchResultsUI", "LinkToSearchResults"), context),
            },
            starts_at=first(("firedDateTime", "startDateTime"), told),
            ends_at=first(("resolvedDateTime", "monitorConditionResolvedDateTime"), told),
            source_event_id=told.get("alertId"),
        )


def _is_own(context: Mapping[str, Any]) -> bool:
    """Whether `properties` are the rule's own; in activity logs they are the event's."""
    return not context.get("eventSource")


def _identity(told: Mapping[str, Any], targets: list[str]) -> tuple[object, ...]:
    """The alert's own id, which firing and resolve share; an alert processing rule may change its case."""
    for name in ("alertId", "originAlertId"):
        if shapes.is_text(told.get(name)):
            return (name, told[name].lower())
    return ("rule", told.get("alertRule"), targets)
