"""Incidents over HTTP with what the agents do about them: the one place that may look at both."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Remediation
from approvals.models import ApprovalRequest, Change
from audit.models import Document
from incidents import api
from proof import canonical

TOLD = ("id", "state", "reason", "note", "change_digest")
ASKED = ("id", "state", "route", "needed", "expires_at")
MOST_READ = 2_000
READ: dict[str, list[Any]] = {}
"""The risk factors of changes that were listed lately, by digest."""


class IncidentList(api.IncidentList):
    """Incidents, newest first, each with its newest remediation."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- the base's signature
        """One page of them."""
        response = super().list(request, *args, **kwargs)
        rows = response.data["results"]
        blocks = remediations(row["id"] for row in rows)
        for row in rows:
            row["remediation"] = blocks.get(row["id"])
        return response


class IncidentDetail(api.IncidentDetail):
    """One incident with its newest remediation."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- the base's signature
        """That one. Its remediation is read first: what ended an incident is never told before the incident's end."""
        found = remediations([kwargs["pk"]]).get(kwargs["pk"])
        response = super().retrieve(request, *args, **kwargs)
        response.data["remediation"] = found
        return response


def remediations(incident_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The newest remediation of each incident, with risk and approval, in two reads and what is not remembered."""
    rows = Remediation.objects.filter(incident_id__in=set(incident_ids)).order_by("id")
    newest = {row["incident_id"]: row for row in rows.values(*TOLD, "incident_id", "request_id")}
    signed = Count(
        "decisions__person_id", filter=Q(decisions__verdict="approve") & ~Q(decisions__person_id=""), distinct=True
    )
    asked = ApprovalRequest.objects.filter(pk__in={row["request_id"] for row in newest.values() if row["request_id"]})
    with_change = asked.values(*ASKED, digest=F("change_id"), tier=F("change__tier"), score=F("change__score"))
    approvals = {row["id"]: row for row in with_change.annotate(have=signed)}
    risks = _risks({row["change_digest"] for row in newest.values()} - {""}, list(approvals.values()))
    return {
        incident_id: {
            **{name: row[name] for name in TOLD},
            "risk": risks.get(row["change_digest"]),
            "approval": _approval(approvals.get(row["request_id"])),
        }
        for incident_id, row in newest.items()
    }


def _approval(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: row[name] for name in (*ASKED, "have")} if row else None


def _risks(digests: set[str], known: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Tier and score of changes; those that were asked about are known already."""
    rows = {row["digest"]: row for row in known}
    rest = digests - rows.keys()
    if rest:
        rows |= {row["digest"]: row for row in Change.objects.filter(pk__in=rest).values("digest", "tier", "score")}
    factors = _factors(digests & rows.keys())
    return {
        digest: {"tier": rows[digest]["tier"], "score": rows[digest]["score"], "factors": told}
        for digest, told in factors.items()
    }


def _factors(digests: Iterable[str]) -> dict[str, list[Any]]:
    """What each change states of its risk. Bytes under a digest never change, so they are read once."""
    found = {digest: READ[digest] for digest in digests if digest in READ}
    missing = set(digests) - found.keys()
    rows = Document.objects.filter(pk__in=missing).values_list("sha256", "content") if missing else []
    for digest, content in rows:
        stated = canonical.loads(bytes(content))
        found[digest] = stated["risk"]["factors"] if isinstance(stated, dict) else []
    if len(READ) + len(missing) > MOST_READ:
        READ.clear()
    READ.update({digest: found[digest] for digest in missing & found.keys()})
    return found


urlpatterns = [
    path("incidents/", IncidentList.as_view(), name="incidents"),
    path("incidents/<int:pk>/", IncidentDetail.as_view(), name="incident"),
]
