"""Clocks that are a day off, on the server or on the executor: nothing HIGH runs on them, and nothing runs too late."""

import json
from contextlib import contextmanager

import pytest

from agents.execution import clocks, state
from agents.execution.follower import follow
from agents.execution.index import opened
from audit.services.sequence import sequence_all
from core import clock
from tests.agents.execution.brink import carry_on, on_the_brink
from tests.agents.test_loop import sign
from tests.agents.world import fire
from tests.approvals.plans import ROLLBACK_FACTORS, step

DAY = 86_400


@pytest.fixture
def clock_at(monkeypatch):
    """What one process's clock says, for as long as it is asked."""

    @contextmanager
    def shifted(seconds):
        with monkeypatch.context() as moved:
            moved.setenv(clock.SHIFT_VARIABLE, str(seconds))
            yield

    return shifted


def assert_did_nothing(world, ended, why):
    assert ended.state == "FAILED", ended.note
    assert why in ended.note
    assert world.restarts == []
    assert world.config() == {"timeout_ms": 25}


@pytest.fixture
def high(world, work, cast):
    """A revert, HIGH, that Ben has signed."""
    world.break_config()
    fire("payments")
    sign(work().request_id, cast.ben)
    return work("EXECUTING")


def test_the_executors_clock_a_day_behind_runs_nothing_high(world, high, clock_at):
    with clock_at(-DAY):
        ended = carry_on(high)

    assert_did_nothing(world, ended, "clock is 8")
    assert "Set the clock" in ended.note


def test_the_executors_clock_a_day_ahead_runs_nothing_high(world, high, clock_at):
    with clock_at(DAY):
        ended = carry_on(high)

    assert_did_nothing(world, ended, "had to start by")


@pytest.fixture
def server_at(monkeypatch):
    """The server's clock, from before anybody has a key; the test puts the executor's own right."""

    def shifted(seconds):
        monkeypatch.setenv(clock.SHIFT_VARIABLE, str(seconds))

    return shifted


@pytest.fixture
def ahead(server_at):
    server_at(DAY)


@pytest.fixture
def behind(server_at):
    server_at(-DAY)


def signed_revert(world, cast):
    commit = world.break_config()
    steps = [step("rollback-config", "lab/payments", commit=commit, branch="main")]
    return on_the_brink(("payments",), signer=cast.ben, steps=steps, factors=ROLLBACK_FACTORS)


def test_the_servers_clock_a_day_ahead_runs_nothing_high(ahead, world, cast, server_at):
    remediation = signed_revert(world, cast)
    sequence_all()
    server_at(0)

    ended = carry_on(remediation)

    assert_did_nothing(world, ended, "behind what the log")


def test_the_servers_clock_a_day_behind_runs_nothing_that_should_have_run_by_then(behind, world, cast, server_at):
    remediation = signed_revert(world, cast)
    sequence_all()
    server_at(0)

    ended = carry_on(remediation)

    assert_did_nothing(world, ended, "had to start by")


def test_medium_runs_on_a_clock_that_is_behind_by_the_time_that_is_known(world, cast, clock_at):
    on_the_brink(signer=cast.ben)
    sequence_all()

    with clock_at(-DAY):
        follow()
        with opened() as index:
            assert (clocks.now(index) - clock.now()).total_seconds() > DAY - 60


def test_what_the_executor_wrote_down_holds_though_the_log_says_nothing(world, high, clock_at):
    with clock_at(3_600):
        clocks.save()

    ended = carry_on(high)

    assert_did_nothing(world, ended, "behind what the log, a witness or the executor itself wrote down")


def test_an_approval_that_came_too_late_does_not_count_whatever_the_server_says(world, cast, clock_at):
    """The server's clock stood still: by its word Ben signed in time. The executor saw the entry after the end."""
    remediation = on_the_brink(signer=cast.ben)
    request_ends = clock.from_rfc3339(json.loads(content_of(remediation))["expires_at"])
    late = (request_ends - clock.now()).total_seconds() + 30
    with clock_at(late - 20):
        follow()  # the executor looked, and there was no approval yet
    sequence_all()
    with clock_at(late):
        ended = carry_on(remediation)

    assert (ended.state, world.restarts) == ("FAILED", [])
    assert "An approval came into the log at" in ended.note


def content_of(remediation):
    from audit import ledger

    return ledger.fetch(remediation.change_digest)


def test_an_unreadable_clock_file_trusts_nothing(world, high):
    state.write(clocks.NAME, {"saved": "yesterday"})

    assert_did_nothing(world, carry_on(high), "clock.json cannot be read")
