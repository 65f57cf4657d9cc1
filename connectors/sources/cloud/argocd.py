"""Argo CD notifications: the whole Application, a few of its fields, or a commit status, as the user's template says.

Read are also the messages of its catalog, as templates for chat tools send them, and the names of its triggers.

An application has two alerts here: its health, and its last operation (sync). They resolve when a later notification
tells of a healthy application, or of a sync that succeeded. How it compares (Synced, OutOfSync) is an alert only where
nothing else is told, and then only when it is Unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.sources.cloud import argocd_words, shapes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {
    "degraded": Status.FIRING,
    "missing": Status.FIRING,
    "unknown": Status.FIRING,
    "progressing": Status.PENDING,
    "suspended": Status.SUPPRESSED,
    "healthy": Status.RESOLVED,
    "failed": Status.FIRING,
    "failure": Status.FIRING,
    "error": Status.FIRING,
    "succeeded": Status.RESOLVED,
    "success": Status.RESOLVED,
    "synced": Status.RESOLVED,
}
OF_HEALTH = frozenset({"degraded", "missing", "progressing", "suspended", "healthy", "unknown"})
UNDER_WAY = frozenset({"running", "terminating", "pending"})
NAME = ("app", "application", "appName", "app_name", "applicationName", "application_name")
HEALTH = ("health", "healthStatus", "health_status", "appHealth", "app_health")
SYNC = ("sync", "syncStatus", "sync_status", "appSync", "app_sync")
PHASE = ("phase", "operationPhase", "operation_phase", "operationState", "syncPhase", "sync_phase")
WORDS = ("status", "state", "trigger", "event")
TEXTS = ("text", "content", "message", "summary", "title")
NO_ALERT = frozenset({"on-created", "on-deleted", "app-created", "app-deleted"})
NOTHING = (
    "There is no Application and no field that names one beside a health, sync or phase; this is nothing of Argo CD's."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a notification says of an application, however its template spells it."""

    name: str
    namespace: object = None
    health: object = None
    sync: object = None
    phase: object = None
    health_message: object = None
    phase_message: object = None
    health_at: object = None
    started_at: object = None
    finished_at: object = None
    own: Mapping[str, object] = field(default_factory=dict)
    about: Mapping[str, object] = field(default_factory=dict)
    url: object = None
    severity: object = None


class ArgoCd(Source):
    """Health and syncs of applications."""

    slug = "argocd"
    title = "Argo CD"
    documentation = "https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/webhook/"
    fingerprint_fields = ("health or operation, with the application's namespace and name",)
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one notification."""
        body = reading.mapping(delivery.value)
        seen = _seen(body, notes)
        if seen is None:
            return rejected(NOTHING)
        if first(("trigger", "event"), body) in tuple(NO_ALERT) or seen.about.get("deleted"):
            return ignored(f"The application {seen.name} was made or deleted; that is no alert.")
        told = [self._told(seen, what, word, notes) for what, word in _words(seen)]
        return told or ignored(f"The application {seen.name} is being synced, or nothing is said of its health.")

    def _told(self, seen: Seen, what: str, word: object, notes: Notes) -> Told:
        status = self.status_of(word, notes)
        is_health = what == "health"
        at = seen.health_at if is_health else first(("finished", "started"), _times(seen))
        return Told(
            status=status,
            identity=(what, seen.namespace, seen.name),
            titles=[f"{seen.name}: {what} {word}"],
            severity=seen.severity,
            description=seen.health_message if is_health else seen.phase_message,
            resource=("application", seen.name),
            service=shapes.service(seen.own) or seen.name,
            environment=shapes.environment(seen.own),
            team=shapes.team(seen.own),
            labels=shapes.labels(seen.about, seen.own),
            links={"application": seen.url},
            starts_at=None if status is Status.RESOLVED else (seen.health_at if is_health else seen.started_at or at),
            ends_at=at,
            at=at,
        )


def _words(seen: Seen) -> list[tuple[str, object]]:
    """What is told, with the sender's word for it."""
    told = []
    if shapes.is_text(seen.health):
        told.append(("health", seen.health))
    if shapes.is_text(seen.phase) and str(seen.phase).lower() not in UNDER_WAY:
        told.append(("operation", seen.phase))
    if not told and shapes.is_text(seen.sync) and str(seen.sync).lower() in {"unknown", "synced"}:
        told.append(("comparison", seen.sync))
    return told


def _seen(body: Mapping[str, Any], notes: Notes) -> Seen | None:
    for holder in (body.get("app"), body.get("application"), body):
        if isinstance(holder, Mapping) and isinstance(holder.get("metadata"), Mapping) and "status" in holder:
            return _whole(holder, body, notes)
    inner = first(("app", "application"), body)
    if isinstance(inner, Mapping) and shapes.is_text(inner.get("name")):
        body = {**body, **inner, "app": inner["name"], "application": inner["name"]}
    name = next((body[one] for one in NAME if shapes.is_text(body.get(one))), None)
    if name is None and _is_commit_status(body):
        return _commit(body, notes)
    if name is None:
        said = next((told for told in (argocd_words.of_message(body.get(one)) for one in TEXTS) if told), None)
        return _flat(said["app"], {**body, **said}, notes) if said else None
    if not any(one in body for one in (*HEALTH, *SYNC, *PHASE, *WORDS)):
        return None
    return _flat(name, body, notes)


def _whole(app: Mapping[str, Any], body: Mapping[str, Any], notes: Notes) -> Seen | None:
    """The Application as Kubernetes holds it."""
    metadata, spec, status = (reading.mapping(app.get(name)) for name in ("metadata", "spec", "status"))
    health, operation = reading.mapping(status.get("health")), reading.mapping(status.get("operationState"))
    sync, aim = reading.mapping(status.get("sync")), reading.mapping(spec.get("destination"))
    name = reading.text(metadata.get("name"), reading.WORD, notes, "application's name")
    if not name:
        return None
    base = reading.mapping(body.get("context")).get("argocdUrl")
    url = f"{base.rstrip('/')}/applications/{name}" if isinstance(base, str) and base else body.get("url")
    return Seen(
        name=name,
        namespace=metadata.get("namespace"),
        health=health.get("status"),
        sync=sync.get("status"),
        phase=operation.get("phase"),
        health_message=health.get("message"),
        phase_message=operation.get("message"),
        health_at=health.get("lastTransitionTime") or status.get("reconciledAt"),
        started_at=operation.get("startedAt"),
        finished_at=operation.get("finishedAt"),
        own=shapes.labels(metadata.get("labels"), reading.mapping(body.get("context"))),
        about={
            "project": spec.get("project"),
            "revision": sync.get("revision"),
            "cluster": first(("name", "server"), aim),
            "namespace": aim.get("namespace"),
            "deleted": metadata.get("deletionTimestamp"),
        },
        url=url,
        severity=body.get("severity"),
    )


def _flat(name: str, body: Mapping[str, Any], notes: Notes) -> Seen:
    """A template that names a few fields."""
    health, sync, phase = (_word(first(names, body)) for names in (HEALTH, SYNC, PHASE))
    phase = phase if phase is not None else reading.mapping(body.get("operation")).get("phase")
    if health is None and phase is None and sync is None:
        said = next((told for told in (argocd_words.of_trigger(body.get(one)) for one in WORDS) if told), None)
        word = first(("status", "state"), body)
        of_health = {"health": word} if str(word).lower() in OF_HEALTH else {"phase": word}
        health, sync, phase = ((said or of_health).get(one) for one in ("health", "sync", "phase"))
    at = first(("timestamp", "time", "finishedAt"), body)
    return Seen(
        name=reading.text(name, reading.WORD, notes, "application's name"),
        namespace=first(("appNamespace",), body),
        health=health,
        sync=sync,
        phase=phase,
        health_message=body.get("message"),
        phase_message=body.get("message"),
        health_at=at,
        started_at=first(("startedAt",), body) or at,
        finished_at=at,
        own=body,
        about={one: body.get(one) for one in ("project", "revision", "cluster", "namespace")},
        url=first(("url", "link", "argocdUrl"), body),
        severity=body.get("severity"),
    )


def _is_commit_status(body: Mapping[str, Any]) -> bool:
    """A body for GitHub's commit status, which Argo CD's documentation gives as its example of a webhook."""
    return all(isinstance(body.get(one), str) for one in ("context", "state")) and "/" in body["context"]


def _commit(body: Mapping[str, Any], notes: Notes) -> Seen:
    name = reading.text(body["context"].rpartition("/")[2], reading.WORD, notes, "application's name")
    return Seen(name=name, phase=body["state"], phase_message=body.get("description"), url=body.get("target_url"))


def _word(value: object) -> object:
    """A word, or the one within an object of Argo CD's."""
    return first(("status", "phase"), value) if isinstance(value, Mapping) else value


def _times(seen: Seen) -> dict[str, object]:
    return {"finished": seen.finished_at, "started": seen.started_at}
