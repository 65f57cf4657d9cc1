"""Incidents over HTTP with what the agents do about them: the one place that may look at both."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.models import Remediation
from approvals.models import ApprovalRequest, Change
from audit.models import Document
from incidents import api
from incidents.scoping import require_read
from incidents.serializers import instant
from proof import canonical

TOLD = ("id", "state", "reason", "note", "change_digest")
TIMES = ("started_at", "ended_at")
ASKED = ("id", "state", "route", "needed", "expires_at")
MOST_READ = 2_000
READ: dict[str, list[Any]] = {}
"""The risk factors of changes that were listed lately, by digest."""
GREATEST_ID = 2**63 - 1
"""An address may hold any number, and SQLite breaks on what is greater."""


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


class IncidentRemediations(APIView):
    """What agents did about one incident."""

    permission_classes = (api.MayRead,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: int) -> Response:
        """All its remediations, the newest first, each as an incident tells its newest, and when it began and ended."""
        incident = require_read(api.actor_of(request), api.incident_of(pk))
        rows = list(_remediations().filter(incident_id=incident.pk).order_by("-id").values(*TOLD, *TIMES, "request_id"))
        times = [{name: instant(row[name]) for name in TIMES} for row in rows]
        return Response({"results": [block | when for block, when in zip(_blocks(rows), times, strict=True)]})


def remediations(incident_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The newest remediation of each incident, with risk and approval, in two reads and what is not remembered."""
    rows = _remediations().filter(incident_id__in={one for one in incident_ids if one <= GREATEST_ID})
    newest = {row["incident_id"]: row for row in rows}
    return dict(zip(newest, _blocks(list(newest.values())), strict=True))


def _blocks(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    asked = {row["request_id"] for row in rows if row["request_id"]}
    approvals = {row["id"]: row for row in _requests().filter(pk__in=asked)} if asked else {}
    risks = _risks({row["change_digest"] for row in rows} - {""}, list(approvals.values()))
    return [
        {
            **{name: row[name] for name in TOLD},
            "risk": risks.get(row["change_digest"]),
            "approval": _approval(approvals.get(row["request_id"])),
        }
        for row in rows
    ]


@cache
def _remediations() -> "QuerySet[Any, Any]":
    """Never read itself, as the next: putting it together takes as long as reading it for a page."""
    found: QuerySet[Any, Any] = Remediation.objects.order_by("id").values(*TOLD, "incident_id", "request_id")
    return found


@cache
def _requests() -> "QuerySet[Any, Any]":
    signed = Q(decisions__verdict="approve") & ~Q(decisions__person_id="")
    of_change = {"digest": F("change_id"), "tier": F("change__tier"), "score": F("change__score")}
    have = Count("decisions__person_id", filter=signed, distinct=True)
    found: QuerySet[Any, Any] = ApprovalRequest.objects.values(*ASKED, **of_change).annotate(have=have)
    return found


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
    path("incidents/<int:pk>/remediations/", IncidentRemediations.as_view(), name="remediations"),
]
