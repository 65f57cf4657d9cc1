"""The sequencer against what happens to databases: late commits, hung machines, dumps, copies that lag."""

import shutil

import pytest

from tests.audit.clusters import PROGRAMS, Installation, postgres, stopped_at, woken

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.skipif(not PROGRAMS.name, reason="PostgreSQL is not installed here"),
]

STOP_WHILE_PLACING = """
def stop_here(rows):
    print("placing", flush=True)
    time.sleep(1)
    write(rows)
write, sequencing._write = sequencing._write, stop_here
sequence()
"""
STOP_WHILE_SIGNING = """
def stop_here(*given):
    print("signing", flush=True)
    time.sleep(1)
    return remember(*given)
remember, signer._remember_and_sign = signer._remember_and_sign, stop_here
sequence()
"""
STATE = """
state = LogState.objects.get()
print(state.size, Leaf.objects.count(), Pending.objects.count(), state.fencing, signer.last_head().size)
"""


@pytest.fixture(scope="module")
def server():
    with postgres() as url:
        yield url


@pytest.fixture
def installed(server, tmp_path):
    console = Installation(tmp_path / "data", server)
    console.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return console.migrate()


def state(console):
    return [int(word) for word in console.run(STATE).split()]


def test_a_sequencer_that_was_stopped_while_placing_writes_nothing_when_it_wakes(installed):
    installed.run("note(1); sequence(); note(2)")
    hung = installed.start(STOP_WHILE_PLACING)
    stopped_at(hung, "placing")

    installed.run("note(3); sequence()")
    taken_over = state(installed)
    code, complaint = woken(hung)

    assert taken_over == [3, 3, 0, 2, 3]
    assert code != 0
    assert "idle-in-transaction" in complaint or "closed" in complaint or "lost" in complaint
    assert state(installed) == taken_over
    assert installed.manage("audit", "fsck")[0] == 0


def test_a_signer_that_was_stopped_before_it_remembered_signs_nothing_when_it_wakes(installed):
    installed.run("note(1); sequence(); note(2)")
    hung = installed.start(STOP_WHILE_SIGNING)
    stopped_at(hung, "signing")

    installed.run("note(3); sequence(); note(4); sequence()")
    before = installed.sql("SELECT size, root FROM audit_checkpoint ORDER BY size")
    code, complaint = woken(hung)

    assert code == 0, complaint
    assert "2|" not in before
    assert installed.sql("SELECT size, root FROM audit_checkpoint ORDER BY size") == before
    assert state(installed)[-1] == 4
    assert installed.manage("audit", "fsck")[0] == 0


def test_a_dump_goes_on_in_another_cluster(installed, tmp_path):
    installed.run("for n in range(5): note(n)\nsequence()\nnote(5)")
    installed.sql("DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")
    dump = installed.dump()

    with postgres() as url:
        moved = Installation(installed.data, url)
        moved.restore(dump)
        moved.run("note(6); sequence_all()")

        assert state(moved)[:3] == [7, 7, 0]
        # A cursor over transaction ids, as one would have written it, is ahead of all that a new cluster writes.
        assert int(moved.sql("SELECT pg_current_xact_id()")) < int(installed.sql("SELECT pg_current_xact_id()"))
        assert moved.manage("audit", "fsck")[0] == 0
        refused = moved.psql("DELETE FROM audit_entry")
        assert "append-only" in refused.stderr, "the guards came along"


def test_a_copy_that_lags_is_refused_until_it_is_recovered_by_name(installed):
    installed.run("for n in range(5): note(n)\nsequence()")
    lagging = installed.dump()
    installed.run("for n in range(3): note(10 + n)\nsequence()")
    installed.restore(lagging)

    complaint = installed.run("sequence()", fails=True)
    assert "holds 5 records, but 8 were signed" in complaint
    assert "read-only" in installed.run("note(20)", fails=True)
    assert installed.manage("ledger", "recover")[0] == 1
    assert installed.manage("audit", "fsck")[0] == 1

    code, said = installed.manage("ledger", "recover", "--yes", "--reason", "The primary burnt down.")
    assert code == 0, said
    installed.run("note(20); sequence()")
    code, said = installed.manage("audit", "fsck")
    assert code == 0, said
    assert "LOST: records 5 to 7" in said
    assert installed.sql("SELECT size FROM audit_checkpoint ORDER BY size").split() == ["5", "9", "10"]


def test_the_newest_copy_ends_the_stop_without_recovery(installed, tmp_path):
    installed.run("for n in range(5): note(n)\nsequence()")
    lagging = installed.dump()
    installed.run("note(10); sequence()")
    newest = installed.dump()
    installed.restore(lagging)
    installed.run("sequence()", fails=True)

    installed.restore(newest)
    installed.run("sequence(); note(11); sequence()")

    assert state(installed)[:3] == [7, 7, 0]
    shutil.rmtree(tmp_path / "data")
