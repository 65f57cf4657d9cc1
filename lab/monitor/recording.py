"""The recorded series of `rules.RECORDED`, computed from scraped samples. Pure."""

from collections import defaultdict
from collections.abc import Iterator

from lab.monitor import rules
from lab.monitor.samples import Series, Store, changes, increase

Values = dict[str, dict[str, float]]
"""Value by recorded name and service."""


def record(store: Store, now: float) -> Values:
    """Everything that can be said at this moment; a service without samples is left out."""
    requests = _increases(store, "http_requests_total", now, rules.ERROR_WINDOW_S)
    errors = _increases(store, "http_requests_total", now, rules.ERROR_WINDOW_S, code="5xx")
    heap, limit = _latest(store, "shop_heap_bytes", now), _latest(store, "shop_heap_limit_bytes", now)
    return {
        "service:up": _latest(store, "up", now),
        "service:error_count": errors,
        "service:error_ratio": {name: count / max(requests[name], 1.0) for name, count in errors.items()},
        "service:request_rate": _rates(store, now),
        "service:latency_p99_seconds": _latencies(store, now),
        "service:heap_bytes": heap,
        "service:heap_limit_bytes": limit,
        "service:heap_ratio": {name: value / limit[name] for name, value in heap.items() if limit.get(name)},
        "service:oom_errors": _increases(store, "shop_oom_errors_total", now, rules.OOM_WINDOW_S),
        "service:oom_errors_recent": _increases(store, "shop_oom_errors_total", now, rules.OOM_ALERT_WINDOW_S),
        "service:restarts": {
            labels["service"]: float(changes(series.window(now, rules.RESTART_WINDOW_S)))
            for labels, series in _lasting(store, "shop_started_seconds", now, rules.RESTART_WINDOW_S)
        },
    }


def quantile(share: float, buckets: list[tuple[float, float]]) -> float | None:
    """Prometheus' `histogram_quantile`: linear inside a bucket; None when nothing was counted.

    Args:
        share: 0..1.
        buckets: (upper bound, cumulated count), rising; the last bound is infinite.
    """
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return None
    rank = share * total
    lower, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (rank - below) / (count - below) if count > below else bound
        lower, below = bound, count
    return lower


def _lasting(store: Store, name: str, now: float, seconds: float) -> Iterator[tuple[dict[str, str], Series]]:
    """The series of a name that have a sample within the window."""
    for labels, series in store.family(name):
        if series.times and series.times[-1] >= now - seconds:
            yield labels, series


def _latest(store: Store, name: str, now: float) -> dict[str, float]:
    found = ((labels["service"], series.at(now)) for labels, series in _lasting(store, name, now, 1.5))
    return {service: value for service, value in found if value is not None}


def _increases(store: Store, name: str, now: float, seconds: float, **only: str) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for labels, series in _lasting(store, name, now, seconds):
        if all(labels.get(label) == value for label, value in only.items()):
            totals[labels["service"]] += increase(series.window(now, seconds))
    return dict(totals)


def _rates(store: Store, now: float) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for labels, series in _lasting(store, "http_requests_total", now, rules.ERROR_WINDOW_S):
        span = series.span(now, rules.ERROR_WINDOW_S)
        totals[labels["service"]] += increase(series.window(now, rules.ERROR_WINDOW_S)) / span if span else 0.0
    return dict(totals)


def _latencies(store: Store, now: float) -> dict[str, float]:
    buckets: dict[str, list[tuple[float, float]]] = defaultdict(list)
    window = rules.LATENCY_WINDOW_S
    for labels, series in _lasting(store, "http_request_duration_seconds_bucket", now, window):
        buckets[labels["service"]].append((float(labels["le"]), increase(series.window(now, window))))
    found = ((service, quantile(0.99, sorted(counts))) for service, counts in buckets.items())
    return {service: value for service, value in found if value is not None}
