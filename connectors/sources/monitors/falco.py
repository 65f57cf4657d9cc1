"""Falco's http_output and Falcosidekick's webhook. A rule matched: there is no end, and no id of an alert.

The same rule on the same host, container, pod and object of Kubernetes is the same alert again. `output` begins with
the time of day, and holds process ids: it is no title.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, rejected
from incidents.events import Status

UNKNOWN = (None, "", "<NA>", "None", "null")
"""What stands in a field that Falco has no value for, or that a relay wrote for it."""
WHERE = ("container.id", "k8s.ns.name", "k8s.pod.name", "ka.target.namespace", "ka.target.resource", "ka.target.name")


class Falco(Source):
    """Matches of Falco's rules."""

    slug = "falco"
    title = "Falco"
    documentation = "https://falco.org/docs/concepts/outputs/channels/"
    formats = ("falcosidekick",)
    fingerprint_fields = ("rule, source, hostname", *WHERE)

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one match of a rule."""
        body = reading.mapping(delivery.value)
        rule = reading.text(body.get("rule"), reading.TITLE, notes, "rule")
        if not rule or not {"priority", "output"} & set(body):
            return rejected("There is no `rule` with a `priority` or an `output`; this is nothing of Falco's.")
        fields = {
            name: told for name, told in reading.mapping(body.get("output_fields")).items() if told not in UNKNOWN
        }
        host = body.get("hostname")
        return [
            Told(
                status=Status.FIRING,
                identity=("rule", rule, body.get("source"), host, *[fields.get(name) for name in WHERE]),
                titles=[rule, body.get("output")],
                severity=body.get("priority"),
                description=body.get("output"),
                resource=_resource(host, fields),
                service=first(("k8s.deployment.name", "service", "app"), fields),
                environment=first(("environment", "env"), fields),
                labels={**fields, "falco.source": body.get("source") or "", "falco.tags": _tags(body.get("tags"))},
                starts_at=body.get("time") or fields.get("evt.time"),
                source_event_id=body.get("uuid"),
            )
        ]


def _resource(host: object, fields: Mapping[str, Any]) -> tuple[str, object]:
    kinds = (("pod", fields.get("k8s.pod.name")), ("container", fields.get("container.name")))
    return ("host", host) if host else next((one for one in kinds if one[1]), ("object", fields.get("ka.target.name")))


def _tags(value: object) -> str:
    return ", ".join(str(one) for one in value if isinstance(one, str)) if isinstance(value, list) else ""
