"""Nothing of the lab outlives what started it, and it comes back as it was."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from lab.monitor import prometheus
from tests.lab.running import ROOT, lives, started_in, wait_for

pytestmark = pytest.mark.scenario


def no_process_of(root) -> bool:
    return not started_in(root)


def test_an_orderly_end_leaves_no_process_and_no_manifest(start_lab):
    lab = start_lab()
    assert len(started_in(lab.root)) >= 8
    lab.process.send_signal(signal.SIGINT)

    assert lab.process.wait(15) == 0
    assert not (lab.root / "lab.json").exists()
    wait_for(lambda: no_process_of(lab.root), 3, "the end of all processes")


@pytest.mark.skipif(not prometheus.is_installed(), reason="Prometheus is not installed")
def test_a_kill_leaves_no_process_of_the_prometheus_variant(start_lab):
    lab = start_lab(monitor="prometheus")
    assert len(started_in(lab.root)) >= 9
    lab.process.kill()

    wait_for(lambda: no_process_of(lab.root), 3, "the end of all processes")


def test_a_kill_leaves_no_process_and_the_next_start_finds_everything_again(start_lab):
    lab = start_lab()
    lab.run("break", "bad-config")
    lab.supervisor.marks.restart("checkout", "key-1")
    lab.process.kill()
    lab.process.wait(5)
    wait_for(lambda: no_process_of(lab.root), 3, "the end of all processes")
    assert (lab.root / "lab.json").exists()
    assert "No lab runs" in lab.run("status").stderr

    again = start_lab()

    assert [s["url"] for s in again.facts["services"]] == [s["url"] for s in lab.facts["services"]]
    assert again.facts["instance"] != lab.facts["instance"]
    assert again.status()["faults"]["bad-config"]
    assert again.supervisor.marks.look("key-1")["process"] == "checkout"
    assert "Reverted" in again.run("heal").stdout


def test_a_kill_of_the_supervisor_ends_the_lab(start_lab):
    lab = start_lab()
    os.kill(int((lab.root / "run" / "supervisord.pid").read_text()), signal.SIGKILL)

    assert lab.process.wait(10) == 1
    wait_for(lambda: no_process_of(lab.root), 3, "the end of all processes")
    assert "ended by itself" in (lab.root / "up.out").read_text()


def test_a_kill_of_the_parent_ends_the_lab(tmp_path, receiver):
    root = tmp_path / "lab"
    up = [sys.executable, "-m", "lab", "up", "--dir", str(root), "--webhook", receiver.url, "--monitor", "builtin"]
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, time; p = subprocess.Popen({up!r}); time.sleep(600)"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for((root / "lab.json").exists, 60, "the start of the lab")
        pid = json.loads((root / "lab.json").read_text())["pid"]
    finally:
        parent.kill()
        parent.wait(5)

    wait_for(lambda: not lives(pid) and no_process_of(root), 15, "the end of all processes")
    assert not (root / "lab.json").exists()


def test_a_second_lab_in_the_same_folder_is_refused(start_lab, receiver):
    lab = start_lab()
    done = lab.run("up", "--webhook", receiver.url)

    assert done.returncode == 1
    assert "already runs" in done.stderr
    assert (lab.root / "lab.json").exists()


def test_the_fault_switch_is_for_those_who_know_the_instance(start_lab):
    lab = start_lab()
    url = next(s["url"] for s in lab.facts["services"] if s["slug"] == "checkout")
    request = urllib.request.Request(f"{url}/faults", data=b'{"leak": true}', method="POST")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()

    assert refused.value.code == 403
    assert not lab.status()["faults"]["leak"]
