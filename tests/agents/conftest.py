"""The agents' world: a shop, people with keys, the lab's policy, and a way to let time pass."""

from datetime import timedelta

import pytest

from agents.execution import intents
from agents.models import Remediation
from agents.models.remediation import WORKING
from agents.services.advance import advance
from agents.services.follow import follow
from agents.services.reconcile import reconcile
from approvals.models import ApprovalRequest
from audit.services.sequence import sequence_all
from core import clock
from tests.agents.world import World, connect
from tests.approvals.conftest import cast as cast  # noqa: PLC0414 -- the same people


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    """Each test has an executor of its own, that trusts nobody yet."""
    settings.STATE_DIR = tmp_path / "executor"


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    """Nobody sequences beside the test, so waiting for the log in one go would be in vain."""
    monkeypatch.setattr(intents, "PATIENCE_S", 0)


@pytest.fixture
def world(tmp_path, cast):
    """A healthy shop that the console is connected to."""
    made = World(tmp_path / "shop")
    made.make_repository()
    connect(made)
    yield made
    made.stop()


@pytest.fixture
def shifted(monkeypatch):
    """Move the clock forward by so many seconds, once more each time."""
    moved = [0.0]

    def forward(seconds):
        moved[0] += seconds
        monkeypatch.setenv(clock.SHIFT_VARIABLE, str(moved[0]))

    return forward


def waits_for_people(remediation):
    """The agents only watch the symptom meanwhile."""
    request = ApprovalRequest.objects.filter(pk=remediation.request_id or 0).first()
    return request is not None and request.state == "PENDING" and remediation.readings.exists()


@pytest.fixture
def work(shifted):
    """Do all there is to do, as workers would; waits pass at once. Returns the newest remediation."""

    def until(*states, rounds=60, patience=True):
        for _ in range(rounds):
            sequence_all()
            follow()
            for pk in reconcile():
                advance(pk)
                newest = Remediation.objects.order_by("-pk").first()
                if newest.state in states:
                    return newest
            newest = Remediation.objects.order_by("-pk").first()
            if newest is None or newest.state not in WORKING:
                return newest
            if newest.state == "AWAITING_APPROVAL" and waits_for_people(newest):
                return newest
            if newest.due_at is not None and newest.due_at > clock.now() and patience:
                shifted((newest.due_at - clock.now()) / timedelta(seconds=1) + 0.01)
        return Remediation.objects.order_by("-pk").first()

    return until
