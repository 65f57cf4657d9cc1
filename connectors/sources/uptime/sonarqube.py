"""SonarQube and SonarQube Cloud: the quality gate of a project after each analysis.

The gate is the alert: ERROR fires, OK resolves, per project and branch. The main branch counts as the project itself,
because editions without branches tell none. A `status` other than SUCCESS says that the analysis failed, and then the
gate was not looked at.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, objects, rejected
from incidents.events import Status

STATUSES = {"error": Status.FIRING, "warn": Status.FIRING, "ok": Status.RESOLVED}


class SonarQube(Source):
    """Quality gates of SonarQube's projects."""

    slug = "sonarqube"
    title = "SonarQube"
    documentation = "https://docs.sonarsource.com/sonarqube-server/project-administration/webhooks/"
    fingerprint_fields = ("project.key", "branch.name unless it is the main one")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one analysis."""
        body = reading.mapping(delivery.value)
        project, gate = reading.mapping(body.get("project")), reading.mapping(body.get("qualityGate"))
        if first(("key", "name"), project) is None or not ("qualityGate" in body or "taskId" in body):
            return rejected("There are no `project` and no `qualityGate`; this is no webhook of SonarQube.")
        if not gate.get("status") or gate.get("status") == "NONE":
            return ignored("The analysis says nothing about a quality gate.")
        return [self._told(project, gate, body, notes)]

    def _told(self, project: Mapping[str, Any], gate: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Told:
        branch = reading.mapping(body.get("branch"))
        other = branch.get("name") if branch.get("isMain") is False else None
        key, name = project.get("key"), project.get("name")
        status = self.status_of(gate.get("status"), notes)
        at = first(("changedAt", "analysedAt"), body)
        failing = [_condition(one) for one in objects(gate.get("conditions"), notes) if one.get("status") == "ERROR"]
        return Told(
            status=status,
            identity=("project", first(("key", "name"), project), *([other] if other else [])),
            titles=[f"Quality gate of {name or key}{f' ({other})' if other else ''}"],
            description="\n".join(failing),
            service=key,
            labels={"branch": branch.get("name"), "gate": gate.get("name")} if branch.get("name") else None,
            links={"analysis": branch.get("url"), "project": project.get("url")},
            starts_at=at if status is Status.FIRING else None,
            ends_at=at,
            at=at,
        )


def _condition(one: Mapping[str, Any]) -> str:
    told = (one.get(name) for name in ("metric", "value", "operator", "errorThreshold"))
    return " ".join(str(value)[:80] for value in told if isinstance(value, str | int | float))
