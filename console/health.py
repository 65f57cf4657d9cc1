"""Is it alive, is it ready, how is it doing: for load balancers and for Prometheus."""

import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from urllib.parse import urlparse

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from agents.models import Executor
from agents.services.raise_alarm import VERB as ALARM
from approvals.models import ApprovalRequest, RequestState
from audit import condition
from audit.models import Entry, LogState
from connectors.models import Delivery, DeliveryState
from console.models import Heartbeat
from core import clock
from incidents.models import Incident

HEARTBEAT_LIMIT = timedelta(seconds=20)


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Whether traffic should come here.

    Only the database decides: intake is durable without the broker, and a late worker or ledger is a matter for
    people, so these are told ("degraded") without turning senders away.
    """
    checks: dict[str, str] = {}
    for name, check in CHECKS:
        checks[name] = _answer(check)
    ready = checks["database"] == "ok"
    word = "ready" if all(value == "ok" for value in checks.values()) else "degraded" if ready else "not ready"
    return JsonResponse({"status": word, "checks": checks}, status=200 if ready else 503)


def _answer(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OSError) as error:
        return f"does not answer: {type(error).__name__}"


def _database() -> str:
    Heartbeat.objects.exists()
    return "ok"


def _broker() -> str:
    if settings.EMBEDDED:
        return "ok"
    parts = urlparse(settings.REDIS_URL)
    with socket.create_connection((parts.hostname or "localhost", parts.port or 6379), timeout=2):
        return "ok"


def _worker() -> str:
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return "no worker has reported yet"
    silence = clock.now() - beat.at
    return "ok" if silence < HEARTBEAT_LIMIT else f"silent for {silence.total_seconds():.0f} s"


def _ledger() -> str:
    return " ".join(condition.alarms()) or "ok"


def _executor() -> str:
    row = Executor.objects.order_by("-seen_at").first()
    if row is None or row.seen_at is None:
        return "no executor has reported yet"
    silence = clock.now() - row.seen_at
    if silence >= HEARTBEAT_LIMIT:
        return f"silent for {silence.total_seconds():.0f} s"
    return f"refuses everything: {row.trouble}" if row.trouble else "ok"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("database", _database),
    ("broker", _broker),
    ("worker", _worker),
    ("ledger", _ledger),
    ("executor", _executor),
)


class Collector:
    """Counts from the database, read at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Prometheus' hook."""
        yield _by_state("incidents", "Incidents by state.", Incident.objects.values_list("state").annotate(Count("id")))
        yield _by_state(
            "deliveries", "Deliveries by state.", Delivery.objects.values_list("state").annotate(Count("id"))
        )
        yield GaugeMetricFamily(
            "countersign_requests_pending",
            "Requests that wait for a signature.",
            ApprovalRequest.objects.filter(state=RequestState.PENDING).count(),
        )
        waiting = Delivery.objects.filter(state=DeliveryState.WAITING).aggregate(at=Min("received_at"))["at"]
        lag = (clock.now() - waiting).total_seconds() if waiting else 0
        yield GaugeMetricFamily("countersign_intake_lag_seconds", "Age of the oldest waiting delivery.", lag)
        state = LogState.objects.first()
        yield GaugeMetricFamily("countersign_ledger_size", "Records in the ledger.", state.size if state else 0)
        yield from _ledger_gauges()
        alarms = Entry.objects.filter(verb=ALARM).values_list("subject").annotate(Count("id"))
        yield _by_kind("alarms", "Alarms that were raised, by kind.", alarms)


def _ledger_gauges() -> Iterator[GaugeMetricFamily]:
    lag, verified = condition.lag(), condition.verified()
    yield GaugeMetricFamily("countersign_ledger_pending", "Entries not in the tree yet.", lag.waiting)
    text = "Age of the oldest entry under no signed head."
    yield GaugeMetricFamily("countersign_ledger_lag_seconds", text, lag.seconds)
    yield GaugeMetricFamily("countersign_ledger_verified_size", "Records examined so far.", verified.size)
    age = (clock.now() - verified.at).total_seconds() if verified.at else float("nan")
    yield GaugeMetricFamily("countersign_ledger_verified_age_seconds", "Since all records were examined.", age)
    wrong = int(bool(verified.problem))
    yield GaugeMetricFamily("countersign_ledger_problem", "1 when the ledger is not what was signed.", wrong)


def _by_state(noun: str, text: str, rows: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"countersign_{noun}", text, labels=["state"])
    for state, count in rows:
        family.add_metric([state], count)
    return family


def _by_kind(noun: str, text: str, rows: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"countersign_{noun}", text, labels=["kind"])
    for subject, count in rows:
        family.add_metric([subject.partition(":")[2]], count)
    return family


def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Prometheus metrics: counts only, no names."""
    registry = CollectorRegistry()
    registry.register(Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
