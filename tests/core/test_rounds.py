"""Rounds: whoever asks is served by a round that began later, and there are few of them."""

import threading
import time

import pytest

from core.rounds import Rounds

PATIENCE_S = 10


class Deed:
    """Takes what waits, as slowly as it is told to."""

    def __init__(self):
        self.waits, self.taken, self.times = [], [], []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def __call__(self):
        self.times.append(time.monotonic())
        found, self.waits = self.waits, []
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        self.taken.append(found)


@pytest.fixture
def deed():
    return Deed()


def asking(rounds, count=1):
    threads = [threading.Thread(target=rounds.ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_who_asks_has_it_done(deed):
    rounds = Rounds(deed, gap_s=0)
    rounds.ask()
    rounds.ask()
    assert len(deed.taken) == 2


def test_who_asks_while_it_runs_goes_away_and_is_served_by_one_round_more(deed):
    rounds = Rounds(deed, gap_s=0)
    deed.go_on.clear()
    first = asking(rounds)
    assert deed.begun.wait(PATIENCE_S)
    for number in range(20):
        deed.waits.append(number)
        join(asking(rounds))  # they need not wait for the round that stands still
    deed.go_on.set()
    join(first)
    assert deed.taken == [[], list(range(20))]


def test_nobody_is_forgotten_however_many_ask_at_once(deed):
    lock, asked = threading.Lock(), []

    def ask(number):
        with lock:
            asked.append(number)
            deed.waits.append(number)
        rounds.ask()

    def take():
        with lock:
            found, deed.waits = deed.waits, []
        deed.taken.append(found)

    rounds = Rounds(take, gap_s=0)
    threads = [threading.Thread(target=ask, args=[number]) for number in range(200)]
    for thread in threads:
        thread.start()
    join(threads)
    assert sorted(number for found in deed.taken for number in found) == sorted(asked) == list(range(200))


def test_a_gap_lies_between_two_rounds(deed):
    rounds = Rounds(deed, gap_s=0.05)
    for _ in range(4):
        rounds.ask()
    assert all(after - before >= 0.05 for before, after in zip(deed.times, deed.times[1:], strict=False))
    assert len(deed.times) == 4


def test_after_a_failure_the_next_one_asks_anew(deed):
    failing = [ValueError("no database")]

    def fail():
        if failing:
            raise failing.pop()
        deed()

    rounds = Rounds(fail, gap_s=0)
    with pytest.raises(ValueError, match="no database"):
        rounds.ask()
    rounds.ask()
    assert len(deed.taken) == 1
