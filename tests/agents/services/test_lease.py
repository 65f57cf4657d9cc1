"""Leases and the fence: who holds a remediation, and that a late worker writes nothing."""

import threading

import pytest
from django.db import connection, transaction

from agents.leases import LostLeaseError, claim, kept, locked, renew
from agents.models import Evidence, Hypothesis, Remediation
from agents.services.advance import MAX_ATTEMPTS, advance
from agents.services.analyze import analyze
from agents.services.fail import fail
from agents.services.pause import pause, say
from agents.services.reconcile import reconcile
from agents.services.start import start
from core import clock
from core.actors import TRIAGE
from incidents.models import Incident
from tests.agents.world import fire


@pytest.fixture
def remediation(world):
    """One that was just started."""
    return start(fire("checkout").pk, actor=TRIAGE)


def test_only_one_worker_gets_it(remediation):
    assert claim(remediation.pk) is not None
    assert claim(remediation.pk) is None
    assert reconcile() == []


def test_a_lease_that_ran_out_is_anybodys(remediation, shifted):
    first = claim(remediation.pk)
    shifted(21)

    assert reconcile() == [remediation.pk]
    second = claim(remediation.pk)
    assert (second.attempt, second.owner != first.owner) == (2, True)


def test_a_worker_that_lost_its_lease_writes_nothing(remediation, shifted):
    late = claim(remediation.pk)
    shifted(21)
    claim(remediation.pk)

    for attempt in (lambda: renew(late), lambda: say(late, "still here"), lambda: pause(late, for_s=1, doing="x")):
        with pytest.raises(LostLeaseError):
            attempt()
    with pytest.raises(LostLeaseError), transaction.atomic():
        locked(late)


def test_a_diagnosis_that_comes_too_late_is_thrown_away(world, remediation, shifted, monkeypatch):
    advance(remediation.pk)
    late = claim(remediation.pk)
    world.leak()
    assert late.state == "ANALYZING"
    from agents.services import analyze as stage

    gather = stage.gather

    def slow(*args, **kwargs):
        found = gather(*args, **kwargs)
        shifted(21)
        assert claim(remediation.pk) is not None
        return found

    monkeypatch.setattr(stage, "gather", slow)

    with pytest.raises(LostLeaseError):
        analyze(late)
    assert not Evidence.objects.exists()
    assert not Hypothesis.objects.exists()


def test_a_remediation_that_a_person_stopped_is_nobodys(remediation):
    held = claim(remediation.pk)
    fail(remediation.pk, actor=TRIAGE, reason="taken-over", note="A person has it.")

    with pytest.raises(LostLeaseError):
        renew(held)
    assert claim(remediation.pk) is None
    assert advance(remediation.pk) is False


def test_five_failures_end_it_and_call_a_person(world, remediation, shifted, monkeypatch):
    from agents.services import analyze as stage
    from connectors.base import ReaderError

    advance(remediation.pk)

    def broken(*_args, **_kwargs):
        raise ReaderError("The catalogue burns.")

    monkeypatch.setattr(stage, "gather", broken)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert advance(remediation.pk) is True
        row = Remediation.objects.get()
        assert row.attempts == (attempt if attempt < MAX_ATTEMPTS else 0)
        shifted(60)

    assert (row.state, row.reason) == ("FAILED", "could-not-act")
    assert "The catalogue burns." in row.note
    assert Incident.objects.get().called_because == row.note


def test_failing_twice_changes_nothing(remediation):
    fail(remediation.pk, actor=TRIAGE, reason="unknown-cause", note="First.")
    fail(remediation.pk, actor=TRIAGE, reason="rejected", note="Second.")

    assert Remediation.objects.get().note == "First."


def test_an_unknown_reason_is_refused(remediation):
    with pytest.raises(ValueError, match="no reason"):
        fail(remediation.pk, actor=TRIAGE, reason="because", note="x")


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_at_once_one_gets_it(world, remediation):
    got, gate = [], threading.Barrier(8)

    def run():
        gate.wait()
        got.append(claim(remediation.pk))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one is not None for one in got) == 1


@pytest.mark.django_db(transaction=True)
def test_a_stage_longer_than_its_lease_keeps_it(world, remediation, settings):
    settings.LEASE_S = 0.6
    lease = claim(remediation.pk)
    first = Remediation.objects.get().lease_until
    beaten = threading.Event()

    with kept(lease):
        for _ in range(200):
            if Remediation.objects.get().lease_until > first:
                beaten.set()
                break
            threading.Event().wait(0.05)

    assert beaten.is_set()
    assert Remediation.objects.get().lease_owner == lease.owner
    assert clock.now() is not None
