"""Splunk Observability Cloud, formerly SignalFx: one event of one detector's rule.

The field `statusExtended` (or `status`) is the state, whatever the message says. `stopped` means that the detector no
longer watches, which ends its alert. An incident's id is the alert's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Metric, Status

STATUSES = {
    "anomalous": Status.FIRING,
    "too low": Status.FIRING,
    "too high": Status.FIRING,
    "out of range": Status.FIRING,
    "ok": Status.RESOLVED,
    "manually resolved": Status.RESOLVED,
    "auto resolved": Status.RESOLVED,
    "stopped": Status.RESOLVED,
}
RESOURCES = {
    "pod": ("k8s.pod.name", "kubernetes_pod_name", "pod"),
    "container": ("container.name", "container_name"),
    "host": ("host.name", "host", "InstanceId", "AWSUniqueId", "azure_resource_id", "gcp_id"),
}


class SignalFx(Source):
    """Detectors of Splunk Observability Cloud."""

    slug = "signalfx"
    title = "Splunk Observability Cloud (SignalFx)"
    documentation = "https://docs.splunk.com/observability/en/admin/notif-services/webhook.html"
    fingerprint_fields = ("incidentId", "else detectorId, rule and dimensions")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one event of a detector."""
        body = reading.mapping(delivery.value)
        if first(("incidentId", "detectorId", "statusExtended", "sf_schema"), body) is None:
            return rejected("There is neither `incidentId` nor `detectorId`; this is no SignalFx webhook.")
        return [self._told(body, notes)]

    def _told(self, body: Mapping[str, Any], notes: Notes) -> Told:
        dimensions, incident = _dimensions(body), body.get("incidentId")
        identity: tuple[object, ...] = ("incident", incident)
        if incident in (None, ""):
            identity = ("rule", body.get("detectorId"), body.get("rule"), dimensions)
        metric, at = body.get("originatingMetric"), body.get("timestamp")
        word = first(("statusExtended", "status"), body)
        status = self.status_of(word.replace("_", " ") if isinstance(word, str) else word, notes)
        return Told(
            status=status,
            identity=identity,
            titles=_titles(body),
            severity=body.get("severity"),
            description=first(("messageBody", "description", "tip"), body),
            resource=_resource(dimensions),
            service=first(("service.name", "sf_service", "service", "app"), dimensions),
            environment=first(("deployment.environment", "sf_environment", "environment", "env"), dimensions),
            region=first(("cloud.region", "aws_region", "region"), dimensions),
            team=dimensions.get("team"),
            labels=dimensions,
            metric=Metric(name=metric[: reading.WORD]) if isinstance(metric, str) and metric else None,
            links={
                "detector": first(("detectorUrl", "detectorURL"), body),
                "runbook": first(("runbookUrl", "runbookURL"), body),
                "graph": body.get("imageUrl"),
            },
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
            source_event_id=incident,
        )


def _resource(dimensions: Mapping[str, Any]) -> tuple[str, object] | None:
    """A pod, container or host; else a dimension of somebody's own that is called after a host, such as `db_host`."""
    named = ((kind, first(names, dimensions)) for kind, names in RESOURCES.items())
    own = (("host", value) for name, value in dimensions.items() if name.lower().endswith(("host", "hostname")))
    return next((one for one in (*named, *own) if one[1] not in (None, "")), None)


def _titles(body: Mapping[str, Any]) -> list[object]:
    """The title and what else names it, which relays put among the inputs; else the message's first line."""
    inputs, said, names = reading.mapping(body.get("inputs")), body.get("messageBody"), ("messageTitle", "rule")
    first_line = said.strip().partition("\n")[0] if isinstance(said, str) else None
    return [
        *(told.get(name) for told in (body, inputs) for name in (*names, "detector", "description")),
        first_line,
        body.get("originatingMetric"),
    ]


def _dimensions(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the signal is about: `dimensions`, else the keys of the inputs."""
    told = reading.mapping(body.get("dimensions"))
    inputs = reading.mapping(body.get("inputs"))
    keys = [reading.mapping(reading.mapping(one).get("key")) for one in inputs.values()]
    return dict(told) if told else {name: value for key in keys for name, value in key.items()}
