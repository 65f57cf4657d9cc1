"""After a commit each thing is done once, and what was undone is not done."""

import pytest
from django.db import transaction

from core import doorbell, live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rung(monkeypatch):
    seen = []
    monkeypatch.setattr(doorbell, "_send", lambda task, args, queue: seen.append((task, args, queue)))
    return seen


@pytest.fixture
def told(monkeypatch):
    seen = []
    monkeypatch.setattr(live, "_send", seen.append)
    return seen


def undo(*topics):
    """Ask for it in a savepoint, and take the savepoint back."""
    with transaction.atomic():
        doorbell.ring("connectors.drain")
        live.changed(*topics)
        transaction.set_rollback(True)


def test_a_bell_that_is_rung_often_in_one_transaction_rings_once(rung):
    with transaction.atomic():
        for number in (1, 1, 2):
            doorbell.ring("agents.advance", number)
        assert not rung

    assert rung == [("agents.advance", (1,), "interactive"), ("agents.advance", (2,), "interactive")]


def test_all_topics_of_a_transaction_are_announced_in_one_message(told):
    with transaction.atomic():
        live.changed("queue", "incident:1")
        live.changed("queue", "incident:2")

    assert told == [["incident:1", "incident:2", "queue"]]


def test_what_a_savepoint_undid_is_not_done_and_takes_nothing_else_with_it(rung, told):
    with transaction.atomic():
        undo("sources")
        doorbell.ring("connectors.drain")
        live.changed("queue")

    assert rung == [("connectors.drain", (), "interactive")]
    assert told == [["queue"]]


def test_what_a_savepoint_asks_for_too_is_done_once_and_not_undone_with_it(rung, told):
    with transaction.atomic():
        doorbell.ring("connectors.drain")
        live.changed("queue")
        undo("queue")

    assert rung == [("connectors.drain", (), "interactive")]
    assert told == [["queue"]]
