"""A stored piece of evidence as a page: what was read, from where, when, and the exact bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agents.models import Evidence
from approvals.models import Change
from approvals.permissions import grants as approvals
from audit.models import Document
from console.drawing.chart import Chart, draw
from console.selectors import documents, symptoms
from console.selectors.plan import DiffLine, diff_lines
from core.actors import Actor
from core.errors import NotPermittedError
from core.permissions import Permission, scopes_read
from incidents.models import Incident
from incidents.permissions import grants as incidents

LONGEST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The page."""

    document: Document
    size: int
    evidence: Evidence | None
    incident: Incident | None
    change: Change | None
    chart: Chart | None
    diff: Sequence[DiffLine]
    log: Sequence[tuple[str, str, str]]
    text: str
    cut: bool


def require_read(sha256: str, actor: Actor) -> None:
    """Refuse bytes to who may not: whoever reads a part only gets what an incident or a change there holds.

    Raises:
        NotPermittedError: The actor has no role, or none where these bytes belong.
    """
    if scopes_read(actor) is None:
        incidents.require(Permission.INCIDENT_READ, actor)
        return
    change = Change.objects.filter(pk=sha256).first()
    if change is not None and approvals.allow(Permission.CHANGE_READ, actor, change):
        return
    about = Evidence.objects.filter(sha256=sha256).values("remediation__incident_id")
    found = Incident.objects.filter(pk__in=about)
    if not any(incidents.allow(Permission.INCIDENT_READ, actor, incident) for incident in found):
        detail = "These bytes belong to nothing that you may read. Ask an admin for a role that reaches it."
        raise NotPermittedError(detail)


def read(sha256: str) -> Snapshot:
    """What is stored under a digest, hashed again.

    Raises:
        NotFoundError: Nothing is.
        RefusedError: It no longer matches its digest.
    """
    document = documents.read(sha256)
    content = bytes(document.content)
    evidence = Evidence.objects.filter(sha256=sha256).select_related("remediation").order_by("id").first()
    incident = Incident.objects.filter(pk=evidence.remediation.incident_id).first() if evidence else None
    body = documents.parsed(content)
    text = _pretty(content)
    return Snapshot(
        document=document,
        size=len(content),
        evidence=evidence,
        incident=incident,
        change=Change.objects.filter(pk=sha256).first(),
        chart=_chart(evidence, content),
        diff=_diff(body),
        log=_log(body),
        text=text[:LONGEST],
        cut=len(text) > LONGEST,
    )


def _pretty(content: bytes) -> str:
    try:
        return json.dumps(json.loads(content), indent=2, ensure_ascii=False)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return content.decode("utf-8", "replace")


def _chart(evidence: Evidence | None, content: bytes) -> Chart | None:
    if evidence is None or evidence.kind != "metric":
        return None
    series = symptoms.of(evidence, content)
    return draw(series, []) if series is not None and len(series.points) > 1 else None


def _diff(body: dict[str, object]) -> Sequence[DiffLine]:
    found = body.get("diff")
    if isinstance(found, str):
        return diff_lines(found)
    commits = body.get("commits")
    first = commits[0] if isinstance(commits, list) and commits else {}
    return diff_lines(str(first.get("diff", ""))) if isinstance(first, dict) else []


def _log(body: dict[str, object]) -> Sequence[tuple[str, str, str]]:
    rows = body.get("lines")
    if not isinstance(rows, list):
        return []
    read_rows = [row for row in rows if isinstance(row, dict)]
    return [(str(row.get("at", "")), str(row.get("level", "")), str(row.get("message", ""))) for row in read_rows]
