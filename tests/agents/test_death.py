"""Workers die by SIGKILL at the worst moments: nothing is lost and nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from agents.models import Reading, Remediation, Run, StepRun
from agents.services.advance import advance
from agents.services.follow import follow
from audit.models import Entry
from audit.services.sequence import sequence_all
from connectors.models import Connection
from core import clock
from incidents.models import Incident
from tests.agents.test_loop import sign
from tests.agents.world import NUMBERS, fire

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40


def database_url():
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{row['NAME']}"
    return f"postgresql://{row['USER']}:{row['PASSWORD']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"


@contextmanager
def worker():
    """A worker in a process of its own; killed at the end if it still lives."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(django_settings.DATA_DIR),
        "EXECUTOR_STATE_DIR": str(django_settings.STATE_DIR),
        "SECRET_KEY": django_settings.SECRET_KEY,
        "LEASE_S": "2",
        "PYTHONPATH": str(ROOT),
        "SHIFT_LATER": os.environ.get(clock.SHIFT_VARIABLE, ""),
    }
    environment.pop(clock.SHIFT_VARIABLE, None)  # production does not start with it
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/agents/worker.py"), str(PATIENCE_S)], cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(holds, what):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def state():
    return Remediation.objects.order_by("-pk").values_list("state", flat=True).first()


def assert_killed(process):
    process.wait(PATIENCE_S)
    assert process.returncode == -signal.SIGKILL


def finish_with_two():
    """Two fresh workers at once do the rest."""
    with worker() as one, worker() as other:
        assert one.wait(PATIENCE_S) == 0
        assert other.wait(PATIENCE_S) == 0


@pytest.fixture
def finish(work, shifted):
    """Time passes until the dead worker's lease has run out; then this process does the rest."""

    def rest():
        shifted(3)
        return work()

    return rest


def kill_from_hook(world, name):
    """Let the target's own repository kill whoever pushes, `post-receive` exactly after the act."""
    world.git("config", "core.hooksPath", str(world.repository / "hooks"))
    pid = world.repository.parent / "worker.pid"
    hook = world.repository / "hooks" / name
    hook.write_text(f"#!/bin/sh\ncat > /dev/null\nkill -9 $(cat {pid})\nmv {hook} {hook}.done\nexit 0\n")
    hook.chmod(0o755)
    return pid


def test_death_while_reading_evidence(world, finish):
    world.leak()
    incident = fire("checkout")
    world.stall = True
    with worker() as first:
        assert world.stalled.wait(PATIENCE_S)
        assert state() == "ANALYZING"
        first.kill()
    world.stall = False
    world.release.set()

    finish()

    ended = Remediation.objects.get()
    assert ended.state == "COMPLETED", ended.note
    assert world.restarts == ["checkout"]
    assert Entry.objects.filter(verb="hypotheses.ranked").count() == 1
    assert Incident.objects.get(pk=incident.pk).state == "RESOLVED"


@pytest.mark.parametrize("hook", ["post-receive", "pre-receive"])
def test_death_around_the_push_of_a_revert(world, cast, hook, work):
    world.break_config()
    fire("payments")
    work()
    sign(Remediation.objects.get().request_id, cast.ben)
    pid = kill_from_hook(world, hook)
    with worker() as first:
        pid.write_text(str(first.pid))
        assert_killed(first)
    assert Run.objects.get().state == "RUNNING"
    assert not Entry.objects.filter(verb="step.finished").exists()

    finish_with_two()

    assert Remediation.objects.get().state == "COMPLETED"
    assert [subject.startswith("Revert") for subject in world.log()] == [True, False, False]
    assert StepRun.objects.get().found
    assert Entry.objects.filter(verb="run.intended").count() == 1
    assert Entry.objects.filter(verb="step.finished").count() == 1


@pytest.mark.parametrize("moment", ["before_restart", "after_restart"])
def test_death_around_a_restart(world, moment, finish):
    world.leak()
    fire("checkout")
    with worker() as first:
        setattr(world, moment, first.kill)
        assert_killed(first)
    setattr(world, moment, lambda: None)

    finish()

    assert Remediation.objects.get().state == "COMPLETED"
    assert world.restarts == ["checkout"]
    assert Entry.objects.filter(verb="step.finished").count() == 1


def test_death_while_watching_the_symptom(world, finish):
    row = Connection.objects.get(kind="prometheus")
    row.config["parameters"] = {**NUMBERS, "verify_hold_s": 3, "verify_timeout_s": 30}
    row.save()
    world.leak()
    fire("checkout")
    with worker() as first:
        wait_for(lambda: state() == "VALIDATING", "VALIDATING")
        wait_for(Reading.objects.exists, "a reading")
        first.kill()

    finish()

    assert Remediation.objects.get().state == "COMPLETED"
    assert world.restarts == ["checkout"]
    assert Entry.objects.filter(verb="remediation.completed").count() == 1


def test_a_stage_that_kills_its_workers_is_given_up_after_five_deaths(world, finish):
    world.leak()
    fire("checkout")
    sequence_all()
    follow()
    advance(Remediation.objects.get().pk)
    Remediation.objects.update(attempts=4)
    world.stall = True
    with worker() as fifth:
        assert world.stalled.wait(PATIENCE_S)
        fifth.kill()
    world.stall = False
    world.release.set()

    finish()

    ended = Remediation.objects.get()
    assert (ended.state, ended.reason) == ("FAILED", "could-not-act")
    assert "stopped 5 times" in ended.note
