"""Rundeck's notification webhook, in JSON: one job's run.

The job is what fails and recovers, so its id is the identity; `executionId` belongs to one run. A run that takes longer
than usual (`avgduration`) fires as well, and the next success resolves it. Starts are no alerts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "failed": Status.FIRING,
    "failure": Status.FIRING,
    "aborted": Status.FIRING,
    "timedout": Status.FIRING,
    "timeout": Status.FIRING,
    "missed": Status.FIRING,
    "avgduration": Status.FIRING,
    "failed-with-retry": Status.PENDING,
    "retryablefailure": Status.PENDING,
    "succeeded": Status.RESOLVED,
    "success": Status.RESOLVED,
}
STARTS = frozenset(["start", "started", "running", "scheduled", "queued"])


class Rundeck(Source):
    """Jobs of Rundeck and Runbook Automation."""

    slug = "rundeck"
    title = "Rundeck"
    documentation = "https://docs.rundeck.com/docs/manual/notifications/webhooks.html"
    fingerprint_fields = ("job id", "else project, group and name")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification about a run."""
        body = reading.mapping(delivery.value)
        run = reading.mapping(body.get("execution"))
        trigger = str(body.get("trigger") or "").lower().removeprefix("on")
        if not run or not (trigger or body.get("status")):
            return rejected("There is no `execution` with a `trigger`; this is no Rundeck webhook.")
        word = trigger if trigger == "avgduration" else str(first(("status",), {**run, **body}) or trigger).lower()
        if trigger in STARTS or word in STARTS:
            return ignored("A run started; that is no alert.")
        return [self._told(run, word, body, notes)]

    def _told(self, run: Mapping[str, Any], word: str, body: Mapping[str, Any], notes: Notes) -> Told:
        job = reading.mapping(run.get("job"))
        run_id = first(("executionId",), body) or run.get("id")
        name, project = job.get("name"), first(("project",), {**run, **job})
        labels = {"project": project, "group": job.get("group"), "user": run.get("user"), "execution": run_id}
        return Told(
            status=self.status_of(word, notes),
            identity=_identity(job, project, run_id),
            titles=[name, run.get("description"), f"Rundeck execution {str(run_id)[:40]}"],
            kind="job",
            description=first(("description",), job) or run.get("description"),
            resource=("node", _failed_node(run)),
            labels={key: value for key, value in labels.items() if value not in (None, "")},
            links={
                "execution": first(("permalink", "href"), run),
                "job": first(("permalink", "href"), job),
            },
            starts_at=_time(run.get("date-started")),
            ends_at=_time(run.get("date-ended")),
            at=_time(run.get("date-ended")) or _time(run.get("date-started")),
            source_event_id=job.get("id"),
        )


def _identity(job: Mapping[str, Any], project: object, run_id: object) -> tuple[object, ...]:
    if job.get("id") not in (None, ""):
        return ("job", job["id"])
    if job.get("name"):
        return ("name", project, job.get("group"), job["name"])
    return ("execution", run_id)


def _failed_node(run: Mapping[str, Any]) -> object:
    failed = run.get("failedNodes")
    return failed[0] if isinstance(failed, list) and failed else None


def _time(value: object) -> object:
    """`{unixtime, date}`, or a plain time."""
    told = reading.mapping(value)
    return first(("unixtime", "date"), told) if told else value
