"""The examination that never ends: it says how far it came, and what differs while nobody runs anything by hand."""

from datetime import timedelta

import pytest

from audit import keystore, ledger, signer, tasks
from audit.models import Leaf, LogState, Pending, Verification
from audit.selectors import alarms, lag, verified
from audit.services.examine_on import examine_on
from audit.services.sequence import sequence
from core import clock
from proof import canonical

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ten_records(note):
    for number in range(10):
        digest = ledger.keep("text/plain", f"document {number}".encode())
        note(number, documents={"change": digest})
        if number == 4:
            sequence()
    sequence()


def forge(as_owner, seq, column="verb", value="test.forged"):
    entry = Leaf.objects.get(pk=seq).entry_id
    as_owner((f"UPDATE audit_entry SET {column} = %s WHERE id = %s", [value, entry]))


def test_before_it_ran_nothing_is_claimed():
    assert verified().size == 0
    assert verified().at is None
    assert alarms() == []


@pytest.mark.usefixtures("ten_records")
def test_new_records_are_examined_a_piece_at_a_time_and_the_time_is_told_when_none_is_left():
    first = examine_on(records=4)
    assert (first.size, first.at, first.problem) == (4, None, "")
    examine_on(records=4)

    last = examine_on(records=4)

    assert last.size == 10
    assert last.at is not None
    assert alarms() == []


@pytest.mark.usefixtures("ten_records")
def test_all_records_are_examined_again_and_again(note):
    for _ in range(8):
        examine_on(records=5)
    passes = verified().passes
    note(11)
    sequence()
    for _ in range(4):
        examine_on(records=5)

    assert passes >= 2
    assert verified().passes > passes
    assert verified().size == 11


@pytest.mark.usefixtures("ten_records")
@pytest.mark.parametrize("seq", [2, 9])
def test_a_record_that_is_changed_after_it_was_examined_is_found_by_the_next_pass(as_owner, seq):
    for _ in range(3):
        examine_on(records=4)
    forge(as_owner, seq)
    for _ in range(6):
        found = examine_on(records=4)

    assert found.problem == f"Record {seq} was changed: its columns say something else than its body."
    assert found.problem_at is not None
    assert "not what was signed" in alarms()[0]


@pytest.mark.usefixtures("ten_records")
def test_a_difference_stays_until_it_is_gone(as_owner):
    forge(as_owner, 3)
    assert "Record 3" in examine_on().problem
    since = verified().problem_at
    assert "Record 3" in examine_on().problem
    assert verified().problem_at == since
    assert verified().size == 0

    forge(as_owner, 3, value="test.noted")

    assert examine_on().problem == ""
    assert (verified().size, alarms()) == (10, [])


@pytest.mark.usefixtures("ten_records")
def test_a_changed_document_is_found(as_owner):
    examine_on()
    digest = canonical.sha256(b"document 7")
    as_owner(("UPDATE audit_document SET content = %s WHERE sha256 = %s", [b"forged", digest]))
    examine_on()

    assert f"document {digest[:12]}" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_a_removed_record_is_found(as_owner):
    as_owner("DELETE FROM audit_leaf WHERE seq = 6")

    assert "Record 6 is missing" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_removed_last_records_are_found(as_owner):
    examine_on()
    as_owner("DELETE FROM audit_leaf WHERE seq >= 8")
    examine_on()

    assert "Record 8 is missing" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_a_database_put_back_is_found(put_back):
    examine_on()
    put_back(5)

    assert "it went back in time" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_a_database_put_back_with_the_examinations_own_memory_is_found(put_back):
    put_back(5)
    Verification.objects.all().delete()

    assert "There were 10 records, but the database holds 5" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_an_entry_that_was_hidden_and_one_that_was_changed_before_it_has_a_place_are_found(note, as_owner):
    examine_on()
    entry = note(11)
    as_owner(("UPDATE audit_entry SET verb = 'test.forged' WHERE id = %s", [entry.pk]))
    examine_on()
    assert "which waits for its place, was changed" in examine_on().problem

    as_owner(("UPDATE audit_entry SET verb = 'test.noted' WHERE id = %s", [entry.pk]))
    Pending.objects.all().delete()
    assert "has no place and waits for none" in examine_on().problem


@pytest.mark.usefixtures("ten_records")
def test_a_rewritten_history_under_the_same_memory_is_found(as_owner, put_back):
    """The forger rewrites a record and its leaf; the tree that was carried on no longer leads to the signed head."""
    examine_on(records=7)
    as_owner(("UPDATE audit_leaf SET leaf_hash = %s WHERE seq = 8", [b"\x00" * 32]))
    found = examine_on(records=7)

    assert found.problem
    assert found.size == 7


def test_two_at_once_do_not_meet(note, in_threads):
    for number in range(40):
        note(number)
    sequence()
    in_threads(*[lambda: [examine_on(records=5) for _ in range(6)]] * 2)

    assert (verified().size, verified().problem) == (40, "")


@pytest.mark.usefixtures("ten_records")
def test_the_task_runs_it():
    tasks.examine()

    assert verified().size == 10


@pytest.mark.usefixtures("ten_records")
def test_silence_of_the_examination_is_an_alarm(note, monkeypatch):
    assert "have not been examined yet" in alarms()[0]
    examine_on()
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert "Is a worker of the queue background running?" in alarms()[0]


def test_lag_counts_what_waits_and_what_is_under_no_head(note, monkeypatch):
    assert (lag().waiting, lag().unsealed, lag().seconds, lag().sentence) == (0, 0, 0, "")
    note(1)
    with monkeypatch.context() as patch:
        patch.setattr("audit.services.sequence._seal", lambda: None)
        sequence()
    note(2)
    later = clock.now() + timedelta(seconds=40)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert (lag().waiting, lag().unsealed) == (1, 1)
    assert lag().seconds >= 40
    assert lag().sentence == "The ledger is 40 s behind: 2 entries are under no signed head yet."
    assert lag().sentence in alarms()


def test_a_stop_is_an_alarm(note):
    note()
    sequence()
    signer.stop("The database went back.")

    assert "The database went back." in alarms()
    assert keystore.exists("log")
    assert LogState.objects.get().size == 1
