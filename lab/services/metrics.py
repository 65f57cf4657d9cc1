"""What every service of the shop measures of itself."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """One registry per process. The rules in `lab/monitor/rules.py` read these names."""

    def __init__(self, *, started: float, heap: Callable[[], float], limit: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Answered requests by class of status.", ["code"], registry=self.registry
        )
        for code in ("2xx", "4xx", "5xx"):
            self.requests.labels(code)
        self.duration = Histogram(
            "http_request_duration_seconds", "Time to the answer.", buckets=BUCKETS, registry=self.registry
        )
        self.oom_errors = Counter(
            "shop_oom_errors", "Pieces of work that no memory was left for.", registry=self.registry
        )
        self.revision = Info("shop_config", "The configuration in force.", registry=self.registry)
        Gauge("shop_started_seconds", "When this process began.", registry=self.registry).set(started)
        Gauge("shop_heap_bytes", "Memory that the process holds.", registry=self.registry).set_function(heap)
        Gauge("shop_heap_limit_bytes", "Memory that it may hold.", registry=self.registry).set_function(limit)

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Measure one more thing, of this service alone."""
        Gauge(name, text, registry=self.registry).set_function(value)
