"""Recorded series from scraped samples."""

import pytest

from lab.monitor.recording import quantile, record
from lab.monitor.rules import RECORDED
from lab.monitor.samples import Store


def write_counts(store, seconds, ok, failed, service="payments"):
    for second in range(seconds):
        store.write("http_requests_total", {"service": service, "code": "2xx"}, second, ok * second)
        store.write("http_requests_total", {"service": service, "code": "5xx"}, second, failed * second)


def test_every_recorded_series_of_the_rule_file_is_computed():
    assert set(record(Store(), 0.0)) == set(RECORDED)


def test_the_error_ratio_is_that_of_the_window():
    store = Store()
    write_counts(store, 60, ok=18, failed=2)

    values = record(store, 59.0)

    assert values["service:error_ratio"] == {"payments": 0.1}
    assert values["service:request_rate"] == {"payments": 20.0}
    assert values["service:error_count"] == {"payments": 20.0}


def test_no_requests_are_no_errors():
    store = Store()
    write_counts(store, 60, ok=0, failed=0)

    assert record(store, 59.0)["service:error_ratio"] == {"payments": 0.0}


def test_a_service_that_ended_long_ago_is_left_out():
    store = Store()
    write_counts(store, 10, ok=20, failed=0)

    assert record(store, 300.0)["service:error_ratio"] == {}


def test_a_new_start_time_is_a_restart():
    store = Store()
    for second in range(30):
        store.write("shop_started_seconds", {"service": "checkout"}, second, 5.0 if second < 20 else 19.5)

    assert record(store, 29.0)["service:restarts"] == {"checkout": 1.0}


def test_heap_ratio_needs_a_limit():
    store = Store()
    store.write("shop_heap_bytes", {"service": "a"}, 1.0, 50.0)
    store.write("shop_heap_bytes", {"service": "b"}, 1.0, 50.0)
    store.write("shop_heap_limit_bytes", {"service": "a"}, 1.0, 200.0)

    assert record(store, 1.0)["service:heap_ratio"] == {"a": 0.25}


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ([(0.1, 50.0), (0.2, 100.0), (float("inf"), 100.0)], 0.198),
        ([(0.1, 50.0), (float("inf"), 100.0)], 0.1),
        ([(0.1, 0.0), (float("inf"), 0.0)], None),
        ([], None),
    ],
)
def test_the_quantile_is_that_of_prometheus(buckets, expected):
    assert quantile(0.99, buckets) == (expected if expected is None else pytest.approx(expected))
