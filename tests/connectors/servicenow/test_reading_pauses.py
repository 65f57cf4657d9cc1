"""When it is read again (`read_changes`): soon after a moment of trouble, and never in the way of the drain."""

import json

import pytest
from django.db import OperationalError

from connectors.models import Bond
from connectors.services import read_changes as module
from connectors.services.accept import accept
from connectors.services.drain import drain
from connectors.services.read_changes import read_changes
from core import clock
from core.actors import INTAKE

pytestmark = pytest.mark.django_db


def test_a_system_that_was_slow_for_a_moment_is_soon_read_again_and_one_that_stays_away_less_and_less():
    pauses = [module._pause_after(failures).total_seconds() for failures in (0, 1, 2, 3, 4, 1_000_000)]

    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_reading_that_breaks_off_holds_up_the_next_for_seconds_only(both, source, monkeypatch):
    connection = both()

    def broken(*_args):
        detail = "deadlock detected"
        raise OperationalError(detail)

    monkeypatch.setattr(module, "read_assents", broken)
    with pytest.raises(OperationalError):
        read_changes(connection)

    bond = Bond.objects.get()
    assert bond.held_until is None
    assert (bond.poll_at - clock.now()).total_seconds() <= module.RETRY.total_seconds()


def test_a_hint_waits_for_the_commit_so_that_it_locks_nothing_before_incidents(both, source, ask, turn, incident):
    both(poll_s=3600)
    incident()
    turn()
    before = Bond.objects.get().poll_at
    body = ask.server.instance.rules.sent[0]["body"]
    accept(source, json.dumps(body).encode(), headers={})

    drain(actor=INTAKE)  # the test's own transaction is still open

    assert Bond.objects.get().poll_at == before
