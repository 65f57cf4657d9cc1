"""The executor's own file of used changes, with many workers at it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.execution import uses
from agents.execution.uses import Allowance, Use
from core import clock
from core.errors import RefusedError


def use(number, *, nonce=None, auto=True, target="lab/checkout"):
    return Use(
        nonce=nonce or f"n{number}",
        change=f"c{number}",
        run=f"run:{number}",
        at=clock.now(),
        targets=(target,),
        auto=auto,
    )


def at_once(deeds):
    def taken(deed):
        try:
            uses.reserve(*deed)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=len(deeds)) as pool:
        return sum(pool.map(taken, deeds))


def test_workers_at_once_do_not_share_the_last_of_the_allowance():
    allowance = Allowance(per_hour=2, per_target_per_hour=9)

    assert at_once([(use(number, target=f"lab/s{number}"), allowance) for number in range(8)]) == 2


def test_workers_at_once_do_not_share_the_last_of_a_target():
    allowance = Allowance(per_hour=9, per_target_per_hour=1)

    assert at_once([(use(number), allowance) for number in range(8)]) == 1


def test_of_many_runs_at_once_one_gets_the_nonce():
    assert at_once([(use(number, nonce="same", auto=False),) for number in range(8)]) == 1


def test_what_was_refused_is_not_kept_and_what_people_signed_needs_no_allowance():
    nothing = Allowance(per_hour=0, per_target_per_hour=0)

    with pytest.raises(RefusedError, match="0 are allowed"):
        uses.reserve(use(1), nothing)

    assert uses.find("n1") is None
    assert uses.reserve(use(1, auto=False)).run == "run:1"


def test_a_run_gets_its_own_use_back_until_it_is_spent():
    once = Allowance(per_hour=1, per_target_per_hour=1)
    uses.reserve(use(1), once)

    assert uses.reserve(use(1), once).nonce == "n1"
    uses.spend("n1")
    with pytest.raises(RefusedError, match="used already"):
        uses.reserve(use(1), once)
