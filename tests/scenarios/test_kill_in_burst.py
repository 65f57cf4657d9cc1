"""`kill -9` of web, worker, broker and database in turn during a burst: what was accepted is stored, every time."""

import subprocess

import pytest

from tests.scenarios import burst
from tests.scenarios.conftest import running
from tests.scenarios.installations import PYTHON, ROOT
from tests.scenarios.supervised import EmbeddedAlone, ProductionAlone

pytestmark = pytest.mark.scenario

BEFORE, AFTER = 70, 30
DRAINED_WITHIN_S = 60


@pytest.fixture(scope="module")
def embedded_alone(tmp_path_factory):
    with running(EmbeddedAlone(tmp_path_factory.mktemp("embedded"))) as installation:
        yield installation


@pytest.fixture(scope="module")
def production_alone(tmp_path_factory):
    with running(ProductionAlone(tmp_path_factory.mktemp("production"))) as installation:
        yield installation


def test_nothing_accepted_is_lost_when_the_embedded_console_is_killed(embedded_alone):
    with embedded_alone.burst() as sent:
        sent.reach(BEFORE)
        embedded_alone.kill("up")
        embedded_alone.wait(embedded_alone.answers, "the console")
        sent.reach(AFTER)

    nothing_is_lost(embedded_alone, sent)
    the_ledger_is_whole(embedded_alone)


@pytest.mark.parametrize("name", ["web", "worker", "redis", "postgres"])
def test_nothing_accepted_is_lost_when_a_process_is_killed(production_alone, name):
    with production_alone.burst() as sent:
        sent.reach(BEFORE)
        production_alone.kill(name)
        production_alone.wait(production_alone.postgres.answers, "PostgreSQL")
        production_alone.wait(production_alone.answers, "the web server")
        sent.reach(AFTER)

    nothing_is_lost(production_alone, sent)


def test_nothing_accepted_is_lost_when_a_connection_of_the_database_is_killed(production_alone):
    with production_alone.burst() as sent:
        sent.reach(BEFORE)
        production_alone.postgres.kill_a_backend()
        production_alone.wait(production_alone.postgres.answers, "PostgreSQL")
        production_alone.wait(production_alone.answers, "the web server")
        sent.reach(AFTER)

    nothing_is_lost(production_alone, sent)


def test_the_ledger_is_whole_after_all_that(production_alone):
    the_ledger_is_whole(production_alone)


def nothing_is_lost(installation, sent) -> None:
    """All is read soon, is there once, is counted once, and the API tells the same as the tables."""
    assert sent.wrong == []
    found: list[burst.Stored] = []

    def drained() -> bool:
        found[:] = [burst.look(installation.database)]
        return found[0].waiting == 0

    took = installation.wait(drained, "reading what waits", DRAINED_WITHIN_S)
    print(f"{len(sent.accepted)} accepted, broken {dict(sent.broken)}, drained {took:.1f} s after the last")
    burst.check(burst.read(installation.listed), found[0])
    marks = {number: (count, mark) for number, count, mark in found[0].alerts}
    for number in {one.number for one in sent.accepted[-5:]} | {burst.REPEATED}:
        count, mark = marks[number]
        (told,) = installation.get(f"alerts/?fingerprint={mark}")["results"]
        assert (told["fingerprint"], told["count"]) == (mark, count)


def the_ledger_is_whole(installation) -> None:
    done = subprocess.run(
        [PYTHON, "manage.py", "audit", "fsck"],
        cwd=ROOT, env=installation.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
