"""The lab's promises, with real processes: break, alert, heal."""

import json
import logging
import time
import urllib.request

import pytest

from lab import git, repository
from lab.monitor import prometheus
from lab.monitor.alerting import fingerprint
from tests.lab.running import wait_for

log = logging.getLogger(__name__)
pytestmark = pytest.mark.scenario

MONITORS = [
    "builtin",
    pytest.param(
        "prometheus", marks=pytest.mark.skipif(not prometheus.is_installed(), reason="Prometheus is not installed")
    ),
]


def query(lab, selector: str) -> float:
    url = f"{lab.facts['prometheus_url']}/api/v1/query?query={urllib.request.quote(selector)}"
    with urllib.request.urlopen(url, timeout=5) as answer:
        result = json.load(answer)["data"]["result"]
    return float(result[0]["value"][1]) if result else float("nan")


def is_healthy(lab) -> bool:
    figures = lab.status()["services"].values()
    return all((f["requests"] or 0) > 10 and (f["error_rate"] or 0) < 0.02 for f in figures)


@pytest.mark.parametrize("monitor", MONITORS)
def test_a_bad_commit_raises_errors_and_its_revert_heals(start_lab, receiver, monitor):
    lab = start_lab(monitor=monitor)
    place = lab.root / "config.git"
    payments = next(s for s in lab.facts["services"] if s["slug"] == "payments")
    wait_for(lambda: is_healthy(lab), 30, "a healthy baseline")
    receiver.refuse = 2

    broken_at = time.monotonic()
    assert "Tighten acquirer timeout" in lab.run("break", "bad-config").stdout
    wait_for(lambda: receiver.about("ErrorRateHigh", "payments", "firing"), 30, "the webhook")
    log.info("break to webhook: %.1f s", time.monotonic() - broken_at)
    wait_for(lambda: query(lab, payments["signals"]["error_rate"]) > 0.05, 20, "five per cent of errors")
    assert "already" in lab.run("break", "bad-config").stdout

    commit = git.run(place, "rev-parse", "main")
    repository.revert(place, commit, repository.ON_CALL)
    wait_for(lambda: receiver.about("ErrorRateHigh", "payments", "resolved"), 40, "the resolved webhook")
    wait_for(lambda: query(lab, payments["signals"]["error_rate"]) < 0.02, 20, "the usual level of errors")
    assert lab.run("heal").stdout == "Nothing was broken.\n"

    (message,) = receiver.about("ErrorRateHigh", "payments", "firing")
    (alert,) = message["alerts"]
    assert message["version"] == "4"
    assert alert["labels"].items() >= {"environment": "lab", "service": "payments", "severity": "high"}.items()
    assert "payments answers" in alert["annotations"]["summary"]
    assert alert["fingerprint"] == fingerprint(alert["labels"])


def test_a_restart_clears_a_leak_but_not_a_red_herring(start_lab, receiver):
    leak = start_lab("leak")
    herring = start_lab("herring", "prometheus" if prometheus.is_installed() else "builtin")
    ratio = 'service:heap_ratio{service="checkout"}'
    began = time.monotonic()
    assert leak.run("break", "leak").returncode == herring.run("break", "red-herring").returncode == 0
    wait_for(lambda: len(receiver.about("HeapNearLimit", "checkout", "firing")) == 2, 90, "both heap alerts")
    log.info("leak and red herring to webhook: %.1f s", time.monotonic() - began)
    wait_for(lambda: len(receiver.about("OutOfMemory", "checkout", "firing")) == 2, 15, "both memory alerts")

    for lab in (leak, herring):
        before = lab.processes()["checkout"]
        mark = lab.supervisor.marks.restart("checkout", "key-1")
        assert mark == {"process": "checkout", "pid_before": before, "generation": 1}
    wait_for(lambda: query(leak, ratio) < 0.3, 15, "the leak's end")
    wait_for(lambda: query(herring, 'service:restarts{service="checkout"}') == 1, 15, "the restart in the metrics")
    wait_for(lambda: query(herring, ratio) > 0.6, 15, "the red herring's return")
    wait_for(lambda: receiver.about("HeapNearLimit", "checkout", "resolved"), 30, "the resolved webhook")
    assert len(receiver.about("HeapNearLimit", "checkout", "resolved")) == 1
    assert query(leak, ratio) < 0.3 < 0.6 < query(herring, ratio)

    assert "Turned growing_journal off" in herring.run("heal").stdout
    wait_for(lambda: query(herring, ratio) < 0.3, 15, "the healing")


def test_a_restart_by_mark_happens_once_and_loses_no_order(start_lab):
    lab = start_lab()
    wait_for(lambda: is_healthy(lab), 30, "a healthy baseline")
    before = lab.processes()["checkout"]
    mark = lab.supervisor.marks.restart("checkout", "key-1")
    again = lab.supervisor.marks.restart("checkout", "key-1")

    def is_back() -> bool:
        info = lab.supervisor.supervisor.getProcessInfo("checkout")
        return info["statename"] == "RUNNING" and info["pid"] != before

    wait_for(is_back, 15, "the restart")
    pid = lab.processes()["checkout"]
    assert lab.supervisor.marks.restart("checkout", "key-1") == mark == again == lab.supervisor.marks.look("key-1")
    time.sleep(1.5)

    assert lab.processes()["checkout"] == pid
    assert lab.supervisor.marks.generation("checkout") == 2
    assert lab.supervisor.marks.look("key-2") == {}
    assert query(lab, 'service:error_count{service="gateway"}') < 3


def test_an_unknown_fault_is_refused_with_the_list(start_lab):
    done = start_lab().run("break", "everything")

    assert done.returncode == 1
    assert "bad-config, leak, red-herring" in done.stderr
