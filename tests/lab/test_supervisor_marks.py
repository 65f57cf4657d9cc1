"""The supervisor plug-in: a key restarts once, whatever happens in between."""

import signal
from types import SimpleNamespace

import pytest
from supervisor import events
from supervisor.states import ProcessStates
from supervisor.xmlrpc import RPCError

from lab.supervisor_marks import Journal, Mark, make_marks


class FakeProcess:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.signals: list[int] = []
        self.spawned = 0
        self.state = ProcessStates.RUNNING if pid else ProcessStates.EXITED
        self.journal_at_signal = ""
        self.config = SimpleNamespace(name="checkout")

    def signal(self, number: int) -> None:
        self.journal_at_signal = self.journal.read_text()
        self.signals.append(number)

    def get_state(self) -> int:
        return self.state

    def spawn(self) -> None:
        self.spawned += 1


@pytest.fixture
def journal(tmp_path):
    yield tmp_path / "marks.jsonl"
    events.clear()


def interface(journal, process):
    process.journal = journal
    group = SimpleNamespace(processes={"checkout": process})
    return make_marks(SimpleNamespace(process_groups={"checkout": group}), str(journal))


def test_a_restart_signals_and_leaves_a_mark(journal):
    process = FakeProcess(41)
    marks = interface(journal, process)

    mark = marks.restart("checkout", "k1")

    assert mark == {"process": "checkout", "pid_before": 41, "generation": 0}
    assert marks.look("k1") == mark
    assert process.signals == [signal.SIGTERM]


def test_the_mark_is_on_the_disk_before_the_signal(journal):
    process = FakeProcess(41)
    interface(journal, process).restart("checkout", "k1")

    assert '"key": "k1"' in process.journal_at_signal


def test_the_same_key_does_not_restart_again_even_after_a_restart_of_the_supervisor(journal):
    first = interface(journal, FakeProcess(41)).restart("checkout", "k1")
    later = FakeProcess(77)

    assert interface(journal, later).restart("checkout", "k1") == first
    assert later.signals == []


def test_another_key_restarts_again(journal):
    process = FakeProcess(41)
    marks = interface(journal, process)
    marks.restart("checkout", "k1")
    marks.restart("checkout", "k2")

    assert len(process.signals) == 2


def test_an_unknown_key_has_no_mark(journal):
    assert interface(journal, FakeProcess(41)).look("k1") == {}


def test_a_key_is_for_one_process(journal):
    marks = interface(journal, FakeProcess(41))
    Journal(journal)
    marks.restart("checkout", "k1")

    with pytest.raises(RPCError, match="BAD_ARGUMENTS"):
        marks.restart("payments", "k1")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_that_could_harm_the_journal_is_refused(journal, key):
    with pytest.raises(RPCError, match="BAD_ARGUMENTS"):
        interface(journal, FakeProcess(41)).restart("checkout", key)


def test_an_unknown_process_is_refused_and_leaves_no_mark(journal):
    marks = interface(journal, FakeProcess(41))

    with pytest.raises(RPCError, match="BAD_NAME"):
        marks.restart("nobody", "k1")

    assert marks.look("k1") == {}


def test_a_process_that_does_not_run_is_started(journal):
    process = FakeProcess(0)

    assert interface(journal, process).restart("checkout", "k1")["pid_before"] == 0
    assert (process.spawned, process.signals) == (1, [])


def test_starts_are_counted_over_all_lives(journal):
    process = FakeProcess(41)
    marks = interface(journal, process)
    for _ in range(2):
        marks._started(SimpleNamespace(process=process))

    assert marks.restart("checkout", "k1")["generation"] == 2
    assert Journal(journal).generations == {"checkout": 2}


def test_a_line_cut_off_by_a_crash_is_forgotten(journal):
    Journal(journal).record("k1", Mark("checkout", 41, 1))
    with journal.open("a") as file:
        file.write('{"key": "k2", "proc')

    reopened = Journal(journal)
    reopened.record("k3", Mark("checkout", 42, 2))

    assert set(Journal(journal).marks) == {"k1", "k3"}
