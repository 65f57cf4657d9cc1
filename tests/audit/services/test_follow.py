"""A follower gets every entry once, in order, whatever dies."""

import threading

import pytest
from django.db import transaction

from audit import ledger
from audit.models import Cursor, Document
from audit.services.sequence import sequence

pytestmark = pytest.mark.django_db(transaction=True)


def remember(followed):
    """What a real follower does: write to the database."""
    ledger.keep("text/plain", f"{followed.seq} {followed.subject}".encode())


def remembered():
    return sorted(bytes(content).decode() for content in Document.objects.values_list("content", flat=True))


def test_a_follower_gets_what_happened_in_order(note):
    for number in range(3):
        note(number, facts={"number": number})
    sequence()
    seen = []

    assert ledger.follow("agents", seen.append) == 3
    assert [(one.seq, one.subject, one.verb, one.facts) for one in seen] == [
        (number, f"test:{number}", "test.noted", {"number": number}) for number in range(3)
    ]
    assert seen[0].actor == "service:system"
    assert seen[0].entry.pk


def test_it_goes_on_where_it_stopped(note):
    for number in range(3):
        note(number)
    sequence()
    seen = []

    assert [ledger.follow("agents", seen.append, limit=2), ledger.follow("agents", seen.append)] == [2, 1]
    assert ledger.follow("agents", seen.append) == 0
    assert [one.seq for one in seen] == [0, 1, 2]


def test_each_follower_has_a_place_of_its_own(note):
    note()
    sequence()

    assert [ledger.follow(name, lambda _: None) for name in ("agents", "connectors", "agents")] == [1, 1, 0]


def test_entries_without_a_place_are_not_seen_yet(note):
    note()

    assert ledger.follow("agents", remember) == 0


def test_a_crash_takes_the_deed_and_the_move_back_together(note):
    for number in range(3):
        note(number)
    sequence()
    crashes = iter([False, True, False, True, False])

    def crash_after_writing(followed):
        remember(followed)
        if next(crashes):
            raise ConnectionResetError

    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            ledger.follow("agents", crash_after_writing)
    ledger.follow("agents", crash_after_writing)

    assert remembered() == ["0 test:0", "1 test:1", "2 test:2"]
    assert Cursor.objects.get(pk="agents").seq == 3


def test_workers_at_once_share_the_entries_out(note, in_threads):
    for number in range(12):
        note(number)
    sequence()
    seen, lock = [], threading.Lock()

    def handle(followed):
        remember(followed)
        with lock:
            seen.append(followed.seq)

    counts = in_threads(*[lambda: ledger.follow("agents", handle)] * 3)

    assert sum(counts) == 12
    assert sorted(seen) == list(range(12))


def test_what_a_follower_records_is_followed_too(note):
    note()
    sequence()

    def answer(followed):
        if followed.verb == "test.noted":
            ledger.append(actor="agent:triage", verb="test.answered", subject=followed.subject)

    ledger.follow("agents", answer)
    sequence()

    assert ledger.follow("agents", answer) == 1
    assert [line.verb for line in ledger.timeline("test:0")] == ["test.noted", "test.answered"]


def test_what_does_not_concern_a_follower_is_passed_over_and_never_comes_again(note):
    for number in range(4):
        note(number)
    with transaction.atomic():
        ledger.append(actor="agent:triage", verb="test.answered", subject="test:9")
    note(4)
    sequence()
    seen = []

    assert ledger.follow("agents", seen.append, verbs={"test.answered"}) == 1
    assert [one.subject for one in seen] == ["test:9"]
    assert Cursor.objects.get(pk="agents").seq == 6
    assert ledger.follow("agents", seen.append) == 0


def test_an_idle_follower_takes_no_lock(note, in_threads):
    note()
    sequence()
    ledger.follow("agents", remember)

    with transaction.atomic():
        ledger.keep("text/plain", b"this transaction holds SQLite's one write lock")
        assert in_threads(lambda: ledger.follow("agents", remember)) == [0]
