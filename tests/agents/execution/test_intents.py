"""The intent protocol: what stands below the intent in the log decides, what comes later stops between steps."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from agents.execution import intents
from agents.models import Remediation, Run
from agents.models.remediation import ACTING
from agents.services.advance import advance
from audit.models import Entry, Leaf
from audit.services.export import export
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from core.errors import ConsoleError
from proof.documents import parse_entry
from tests.agents.execution.brink import carry_on, on_the_brink
from tests.agents.test_loop import sign

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
RACES = int(os.environ.get("RACES", "12"))


@pytest.fixture
def tireless(monkeypatch):
    """Ben signs as often as the races need, and the executor waits for the log as it would in real life."""
    monkeypatch.setattr("approvals.services.issue_template.require_within_budget", lambda *_: None)
    monkeypatch.setattr(intents, "PATIENCE_S", 2)


def place(verb, change):
    """Where the last entry of a verb about a change stands in the log."""
    found = Leaf.objects.filter(entry__verb=verb, entry__mentions__subject=f"change:{change}")
    return found.order_by("-seq").values_list("seq", flat=True).first()


def revoked_at(change, person):
    """Where the person took their approval back; None if the log says nothing of it."""
    entries = Entry.objects.filter(verb="decision.recorded", mentions__subject=f"change:{change}")
    mine = entries.filter(actor=person.actor.id).order_by("pk")
    return mine[1].leaf.seq if mine.count() > 1 else None


def in_a_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def race(world, cast, delay):
    """One revocation against one execution; returns whether it ran and what the order in the log was."""
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    done = threading.Event()

    def sequence():
        while not done.is_set():
            sequence_all()
            time.sleep(0.002)

    def execute():
        for _ in range(200):
            advance(remediation.pk, ACTING)
            if Remediation.objects.get(pk=remediation.pk).state != "EXECUTING":
                return
            time.sleep(0.002)

    def revoke():
        time.sleep(delay)
        with suppress(ConsoleError):
            sign(remediation.request_id, cast.ben, "revoke")

    before = len(world.restarts)
    sequencer, racers = in_a_thread(sequence), [in_a_thread(execute), in_a_thread(revoke)]
    for racer in racers:
        racer.join(60)
    done.set()
    sequencer.join(60)
    sequence_all()
    change = remediation.change_digest
    return len(world.restarts) > before, place("run.intended", change), revoked_at(change, cast.ben)


def run_races(world, cast, number):
    outcomes = set()
    for turn in range(number):
        ran, intent, revoked = race(world, cast, delay=(turn % 12) * 0.01)
        assert ran == (intent is not None and (revoked is None or intent < revoked)), (turn, ran, intent, revoked)
        outcomes.add(ran)
    return outcomes


def test_of_revocation_and_execution_the_order_in_the_log_decides(world, cast, tireless):
    assert run_races(world, cast, RACES)


@pytest.mark.scenario
def test_of_many_races_none_ends_otherwise_than_the_log_says(world, cast, tireless):
    assert run_races(world, cast, 5 * RACES) == {True, False}  # RACES=100 takes six minutes


def test_a_revocation_before_the_intent_unmakes_the_grant(world, cast):
    remediation = on_the_brink(signer=cast.ben)
    sign(remediation.request_id, cast.ben, "revoke")

    ended = carry_on(remediation)

    assert (ended.state, world.restarts) == ("FAILED", [])
    assert not Entry.objects.filter(verb="run.intended").exists()


def test_a_revocation_between_judgement_and_intent_still_counts(world, cast, monkeypatch):
    """It enters the log after the executor looked, and before its intent does."""
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    write = intents.write

    def slow(*args):
        sign(remediation.request_id, cast.ben, "revoke")
        return write(*args)

    monkeypatch.setattr(intents, "write", slow)
    ended = carry_on(remediation)

    assert (ended.state, world.restarts) == ("FAILED", [])
    assert place("run.intended", remediation.change_digest) > revoked_at(remediation.change_digest, cast.ben)
    assert "do not allow it" in ended.note


def test_nothing_is_done_before_the_log_has_taken_the_intent(world, cast):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()

    for _ in range(3):
        advance(remediation.pk, ACTING)

    assert Run.objects.get().state == "RUNNING"
    assert world.restarts == []
    assert carry_on(remediation).state == "VALIDATING"
    assert Entry.objects.filter(verb="run.intended").count() == 1


def test_a_log_that_stands_still_stops_the_run(world, cast, shifted):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    advance(remediation.pk, ACTING)
    shifted(61)

    advance(remediation.pk, ACTING)

    ended = Remediation.objects.get()
    assert (ended.state, world.restarts) == ("FAILED", [])
    assert "did not take the executor's intent" in ended.note
    assert carry_on(ended).state == "FAILED"


def test_an_intent_of_another_executor_in_the_log_uses_the_change_up(world, cast, settings, tmp_path):
    """The first executor's folder is gone, and so are the rows of its run: the log remembers."""
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    advance(remediation.pk, ACTING)
    sequence_all()
    Run.objects.all().delete()
    settings.STATE_DIR = tmp_path / "another"

    ended = carry_on(remediation)

    assert (ended.state, world.restarts) == ("FAILED", [])
    assert "is an intent for it" in ended.note


def test_a_run_goes_on_after_a_crash_between_the_log_and_the_own_store(world, cast, monkeypatch):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()

    class DiedError(Exception):
        pass

    def die(*_args):
        raise DiedError

    with monkeypatch.context() as dying:
        dying.setattr(intents, "adopt", die)
        with pytest.raises(DiedError):
            advance(remediation.pk, ACTING)
    Remediation.objects.update(lease_until=None)

    assert carry_on(remediation).state == "VALIDATING"
    assert Entry.objects.filter(verb="run.intended").count() == 1
    assert world.restarts == ["checkout"]


def test_who_holds_the_agents_stops_a_run_between_its_steps(world, cast):
    remediation = on_the_brink(("checkout", "inventory"), signer=cast.ben)

    def hold():
        world.after_restart = lambda: None
        cast.dan.act("hold-agents", "agents:all")
        sequence_all()

    world.after_restart = hold

    ended = carry_on(remediation)

    assert world.restarts == ["checkout"]
    assert ended.state == "ROLLED_BACK"
    assert "holds all agents since this run began" in ended.note


def test_a_key_that_is_revoked_during_the_run_stops_it_before_the_next_step(world, cast):
    remediation = on_the_brink(("checkout", "inventory"), signer=cast.ben)

    def revoke():
        world.after_restart = lambda: None
        cast.ben.act("revoke-key", f"key:{cast.ben.key.key_id}", reason="lost")
        sequence_all()

    world.after_restart = revoke

    ended = carry_on(remediation)

    assert world.restarts == ["checkout"]
    assert "was withdrawn after it began" in ended.note


def test_what_drifts_before_the_second_step_is_seen_before_the_second_step(world, cast):
    now = {"probe": "process-state", "target": "lab/inventory", "expect": "RUNNING", "max_age_s": 60, "sentence": "Up."}
    remediation = on_the_brink(("checkout", "inventory"), signer=cast.ben, preconditions=(now,))
    world.after_restart = lambda: world.states.update(inventory="STOPPED")

    for _ in range(6):
        Remediation.objects.update(due_at=remediation.due_at, lease_until=None)
        ended = carry_on(remediation, rounds=1)

    assert world.restarts == ["checkout"]
    assert "does not hold" in ended.note


def test_the_intent_names_what_it_was_judged_by(world, cast):
    carry_on(on_the_brink(signer=cast.ben))

    body = parse_entry(bytes(Entry.objects.get(verb="run.intended").body))

    assert {"change", "intent", "policy", "registry"} == {name for name, _ in body.documents}


def test_an_outsider_sees_that_what_was_refused_after_its_intent_did_not_run(world, cast, monkeypatch, tmp_path):
    remediation = on_the_brink(signer=cast.ben)
    sequence_all()
    write = intents.write

    def slow(*args):
        sign(remediation.request_id, cast.ben, "revoke")
        return write(*args)

    monkeypatch.setattr(intents, "write", slow)
    carry_on(remediation)
    bundle = tmp_path / "bundle.tar"
    bundle.write_bytes(export(actor=SYSTEM))

    told = subprocess.run(
        [sys.executable, "-m", "proof", str(bundle)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout
    assert "and refused; nothing was done" in told.stdout


def test_a_decision_that_the_log_has_not_taken_yet_is_waited_for(world, cast):
    remediation = on_the_brink(signer=cast.ben)

    advance(remediation.pk, ACTING)

    assert Remediation.objects.get().state == "EXECUTING"
    assert "The log has not taken all" in Remediation.objects.get().doing
    assert carry_on(remediation).state == "VALIDATING"


def test_it_is_not_waited_for_longer_than_a_minute(world, cast, shifted):
    remediation = on_the_brink(signer=cast.ben)
    shifted(61)

    advance(remediation.pk, ACTING)

    assert Remediation.objects.get().state == "FAILED"
    assert world.restarts == []
