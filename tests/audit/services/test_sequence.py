"""Every committed entry gets one place, whoever commits late, dies in between or does the same at once."""

import threading

import pytest
from django.db import connection, transaction

from audit import tasks
from audit.models import Checkpoint, Entry, Leaf, LogState, Pending
from audit.services import sequence as module
from audit.services.sequence import sequence, sequence_all
from proof import merkle

pytestmark = pytest.mark.django_db(transaction=True)


def only_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time, so nothing can commit late")


def test_entries_get_places_in_the_order_of_their_ids(note, assert_whole):
    for number in range(5):
        note(number)

    assert sequence() == 5
    assert list(Leaf.objects.order_by("seq").values_list("entry__subject", flat=True)) == [
        f"test:{number}" for number in range(5)
    ]
    assert_whole(5)


def test_a_second_time_it_does_nothing(note, assert_whole):
    note()

    assert [sequence(), sequence()] == [1, 0]
    assert Checkpoint.objects.count() == 1
    assert_whole(1)


def test_with_nothing_to_place_nothing_is_signed():
    assert sequence() == 0
    assert not Checkpoint.objects.exists()


def test_a_batch_has_a_limit_and_the_rest_follows(note, assert_whole):
    for number in range(5):
        note(number)

    assert [sequence(batch=2), sequence_all()] == [2, 3]
    assert_whole(5)


def test_an_entry_that_nobody_rang_for_is_found_by_the_next_round(note, monkeypatch, assert_whole):
    monkeypatch.setattr("core.doorbell.ring", lambda *_, **__: None)
    note()
    tasks.sequence()

    assert_whole(1)


def test_followers_are_woken_after_the_places_are_committed(note, monkeypatch):
    note()
    seen = []
    monkeypatch.setattr("core.doorbell._send", lambda task, _, queue: seen.append((task, queue, Leaf.objects.count())))
    sequence()

    assert seen == [("agents.follow", "diagnosis", 1)]


def test_a_death_while_placing_leaves_everything_pending(note, monkeypatch, assert_whole):
    note()
    with monkeypatch.context() as patch:
        patch.setattr(LogState, "save", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sequence()

    assert Pending.objects.count() == 1
    assert not Leaf.objects.exists()
    sequence()
    assert_whole(1)


@pytest.mark.parametrize("where", ["audit.signer._remember", "audit.models.Checkpoint.objects.create"])
def test_a_death_between_placing_and_sealing_is_made_good_next_time(note, monkeypatch, assert_whole, where):
    note(1)
    sequence()
    note(2)
    with monkeypatch.context() as patch:
        patch.setattr(where, lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sequence()

    assert Leaf.objects.count() == 2
    note(3)
    sequence()
    assert_whole(3)


def test_writers_and_sequencers_at_once_lose_and_double_nothing(note, in_threads, assert_whole):
    writing = threading.Event()

    def write(first):
        for number in range(10):
            note(first + number)

    def place():
        while not writing.is_set():
            sequence()

    def all_writers():
        try:
            in_threads(*[lambda first=first: write(first) for first in (0, 100, 200)])
        finally:
            writing.set()

    in_threads(all_writers, place, place)
    sequence_all()
    assert_whole(30)


def test_a_row_that_shows_up_late_is_placed_late(note, assert_whole):
    early, late = note(1), note(2)
    Pending.objects.filter(entry=early).delete()
    sequence()
    Pending.objects.create(entry=early)
    sequence()

    assert list(Leaf.objects.order_by("seq").values_list("entry_id", flat=True)) == [late.pk, early.pk]
    assert_whole(2)


class Straggler:
    """A writer that took its id early and commits late."""

    def __init__(self, note):
        self.wrote, self.may_commit = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=(note,))
        self.thread.start()
        assert self.wrote.wait(20)

    def run(self, note):
        with transaction.atomic():
            note(1)
            self.wrote.set()
            self.may_commit.wait(20)
        connection.close()

    def commit(self):
        self.may_commit.set()
        self.thread.join()


def test_a_transaction_that_commits_late_is_not_lost(note, assert_whole):
    only_postgresql()
    straggler = Straggler(note)
    note(2)
    sequence()
    straggler.commit()
    sequence()

    assert list(Leaf.objects.order_by("seq").values_list("entry__subject", flat=True)) == ["test:2", "test:1"]
    assert_whole(2)


def test_a_transaction_that_commits_while_its_neighbours_are_placed_is_not_lost(note, monkeypatch, assert_whole):
    only_postgresql()
    note(0)
    straggler = Straggler(note)
    note(2)

    def hash_slowly(body):
        straggler.commit()
        return merkle.leaf_hash(body)

    with monkeypatch.context() as patch:
        patch.setattr(module, "merkle", type("Slow", (), {"leaf_hash": staticmethod(hash_slowly)}))
        sequence()

    assert Pending.objects.count() == 1
    sequence()
    assert_whole(3)


def test_a_cursor_over_ids_would_lose_what_commits_late_and_the_list_does_not(note, assert_whole):
    """The design that this is not: remember the highest id, take what is above it."""
    only_postgresql()
    straggler = Straggler(note)
    note(2)
    seen = list(Entry.objects.filter(id__gt=0).order_by("id").values_list("id", "subject"))
    cursor = seen[-1][0]
    sequence()
    straggler.commit()
    seen += list(Entry.objects.filter(id__gt=cursor).order_by("id").values_list("id", "subject"))
    sequence()

    assert [subject for _, subject in seen] == ["test:2"]
    assert Entry.objects.count() == 2
    assert_whole(2)


def test_decisions_go_before_a_flood(note):
    for number in range(5):
        note(number, verb="delivery.dead")
    note(6, verb="decision.recorded")

    assert sequence(batch=2) == 2
    assert Leaf.objects.get(pk=0).entry.verb == "decision.recorded"


def test_each_batch_bears_a_higher_fencing_number(note):
    note()
    sequence()
    first = LogState.objects.get().fencing
    note()
    sequence()

    assert LogState.objects.get().fencing == first + 1
