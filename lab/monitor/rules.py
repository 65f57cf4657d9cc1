"""What is recorded and when somebody is called: data, from which both variants of the monitor work.

Prometheus gets it as a rule file (`lab/monitor/prometheus.py`), our own monitor computes the same in Python
(`lab/monitor/recording.py`). A recorded series has one label, `service`.
"""

from dataclasses import dataclass

ENVIRONMENT = "lab"
RECEIVER = "console"
ERROR_WINDOW_S = 10
OOM_WINDOW_S = 60
OOM_ALERT_WINDOW_S = 20
RESTART_WINDOW_S = 120
LATENCY_WINDOW_S = 30

_ERRORS = f'sum by (service) (increase(http_requests_total{{code="5xx"}}[{ERROR_WINDOW_S}s]))'
_REQUESTS = f"sum by (service) (increase(http_requests_total[{ERROR_WINDOW_S}s]))"

RECORDED = {
    "service:up": "max by (service) (up)",
    "service:error_count": _ERRORS,
    "service:error_ratio": f"{_ERRORS} / clamp_min({_REQUESTS}, 1)",
    "service:request_rate": f"sum by (service) (rate(http_requests_total[{ERROR_WINDOW_S}s]))",
    "service:latency_p99_seconds": (
        "histogram_quantile(0.99, sum by (service, le) "
        f"(rate(http_request_duration_seconds_bucket[{LATENCY_WINDOW_S}s]))) >= 0"
    ),
    "service:heap_bytes": "max by (service) (shop_heap_bytes)",
    "service:heap_limit_bytes": "max by (service) (shop_heap_limit_bytes)",
    "service:heap_ratio": "max by (service) (shop_heap_bytes) / max by (service) (shop_heap_limit_bytes)",
    "service:oom_errors": f"sum by (service) (increase(shop_oom_errors_total[{OOM_WINDOW_S}s]))",
    "service:oom_errors_recent": f"sum by (service) (increase(shop_oom_errors_total[{OOM_ALERT_WINDOW_S}s]))",
    "service:restarts": f"max by (service) (changes(shop_started_seconds[{RESTART_WINDOW_S}s]))",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Fires for each service whose `series * scale` compares true for `for_s` seconds.

    Attributes:
        above: fires above the threshold; below it when False.
        guard: a series and the least value that it must have as well, or None. Five errors in ten seconds, where
            0.2 are usual, are no chance; fewer would wake somebody for nothing.
        keep_s: how long the alert stays firing after the condition went away, so that a restart of a second or two
            does not look like a recovery.
        summary: `{service}` and `{value}` are filled in; one decimal.
    """

    name: str
    series: str
    scale: float = 1.0
    threshold: float
    above: bool = True
    guard: tuple[str, float] | None = None
    for_s: int
    keep_s: int = 0
    severity: str
    summary: str
    description: str

    @property
    def expression(self) -> str:
        """The condition in PromQL."""
        scaled = self.series if self.scale == 1 else f"{self.series} * {self.scale:g}"
        main = f"{scaled} {'>' if self.above else '<'} {self.threshold:g}"
        if self.guard is None:
            return main
        return f"{main} and on (service) {self.guard[0]} >= {self.guard[1]:g}"


ALERT_RULES = (
    AlertRule(
        name="ErrorRateHigh",
        series="service:error_ratio",
        scale=100,
        threshold=2,
        guard=("service:error_count", 4.5),
        for_s=0,
        severity="high",
        summary="{service} answers {value} % of requests with an error",
        description=(
            f"Over the last {ERROR_WINDOW_S} seconds {{value}} % of the requests to {{service}} failed; "
            "usually it is 0.1 %. Look at recent changes of {service} and of the services that it calls."
        ),
    ),
    AlertRule(
        name="HeapNearLimit",
        series="service:heap_ratio",
        scale=100,
        threshold=60,
        for_s=3,
        keep_s=8,
        severity="warning",
        summary="{service} uses {value} % of its memory limit",
        description=(
            "The heap of {service} stands at {value} % of its limit; at 100 % the process is killed. "
            "If it grows steadily, memory is retained that should have been released."
        ),
    ),
    AlertRule(
        name="OutOfMemory",
        series="service:oom_errors_recent",
        threshold=0,
        for_s=0,
        severity="high",
        summary="{service} runs out of memory and fails work because of it",
        description=(
            f"Within the last {OOM_ALERT_WINDOW_S} seconds {{service}} could not allocate memory. "
            "Large baskets and exports fail first."
        ),
    ),
    AlertRule(
        name="ServiceDown",
        series="service:up",
        threshold=1,
        above=False,
        for_s=15,
        severity="critical",
        summary="{service} does not answer the monitor",
        description=(
            "{service} could not be scraped for 15 seconds. The supervisor starts it again by itself when it died; "
            "if it does not come up, its log says why."
        ),
    ),
)
