"""The witness as it really runs: what it signs, what it refuses, and what it remembers."""

import json
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from proof import checkpoint, merkle, note
from proof.tlog import write_submission
from tests.audit.witness.logs import ORIGIN, ROOT, Log, Program


@pytest.fixture
def log():
    return Log().grow(5)


@pytest.fixture
def witness(tmp_path, log):
    with Program(tmp_path / "w", log.vkey, log.pq_vkey) as program:
        yield program


def opened(log, body, keys, size=None):
    return note.verify(log.head(size) + body, keys)


def test_a_log_that_grows_is_signed_with_both_keys_and_the_time(witness, log):
    before = int(time.time())
    for old, size in ((0, 1), (1, 3), (3, 5), (5, 5)):
        status, body, _ = witness.submit(log, old, size)
        assert status == 200, body
        found = opened(log, body, witness.keys, size)
        assert [key.kind for key in found.signers] == [note.COSIGNED_ED25519, note.COSIGNED_ML_DSA]
        assert {key.name for key in found.signers} == {"witness.example/w1"}
        assert all(before <= moment <= time.time() for moment in found.times)
        assert all(line.startswith("— ") for line in body.splitlines())


def test_a_log_that_went_back_is_refused_and_told_the_size(witness, log):
    witness.submit(log, 0)
    older = Log(key="log").grow(3)

    assert witness.submit(older, 0) == (409, "5\n", "text/x.tlog.size")
    assert witness.submit(older, 3) == (409, "5\n", "text/x.tlog.size")
    assert witness.ask("POST", "/add-checkpoint", write_submission(5, (), older.head()))[0] == 400
    assert witness.submit(log, 5)[0] == 200


def test_a_fork_is_refused_whatever_proof_it_brings(witness, log):
    witness.submit(log, 0)
    fork = Log().grow(3).grow(5, word="other")

    assert witness.submit(fork, 5)[0] == 422
    status, _, _ = witness.ask("POST", "/add-checkpoint", write_submission(5, [bytes(32)] * 3, fork.head()))
    assert status == 422
    assert witness.submit(log.grow(2), 5)[0] == 200


def test_of_two_views_of_one_size_only_the_first_is_signed(witness, log):
    witness.submit(log, 0)
    other = Log().grow(4).grow(1, word="other")

    assert witness.submit(other, 5) == (409, "5\n", "text/x.tlog.size")
    status, _, _ = witness.ask("POST", "/add-checkpoint", write_submission(0, (), other.head()))
    assert status == 409
    assert merkle.root(log.leaves) == checkpoint.parse(witness.newest()[1].partition("\n\n")[0] + "\n").root


def test_what_was_refused_with_the_own_signature_of_the_log_is_kept(witness, log):
    import sqlite3

    witness.submit(log, 0)
    witness.submit(Log().grow(7, word="other"), 5)
    witness.submit(Log(key="stranger").grow(7), 5)

    with sqlite3.connect(witness.folder / "witness.sqlite3") as database:
        rows = database.execute("SELECT why, body FROM refused").fetchall()
    database.close()
    assert [why for why, _ in rows] == ["422 at 5"]
    assert Log().grow(7, word="other").head(pq=False) in rows[0][1]


def test_it_remembers_through_a_kill_and_a_restart(witness, log):
    witness.submit(log, 0)
    keys = witness.keys
    witness.stop(signal.SIGKILL)
    witness.start()

    assert witness.keys == keys
    assert witness.submit(Log().grow(3), 0) == (409, "5\n", "text/x.tlog.size")
    assert witness.submit(log.grow(1), 5)[0] == 200


def test_of_many_at_once_each_builds_on_the_one_before(witness, log):
    log.grow(40)
    sizes = list(range(1, 41))
    with ThreadPoolExecutor(16) as pool:
        first = list(pool.map(lambda size: witness.submit(log, 0, size)[0], sizes))
    assert sorted(first) == [200] + [409] * 39

    def climb(size):
        """Ask until one's own size is signed or passed."""
        old = 0
        for _ in range(200):
            status, body, _ = witness.submit(log, old, size)
            if status == 200:
                return (old, size)
            assert status in {409, 503}
            old = int(body) if status == 409 else old
            if old > size:
                return None
        raise AssertionError("it never ends")

    with ThreadPoolExecutor(16) as pool:
        steps = sorted(step for step in pool.map(climb, range(20, 46)) if step)
    climbs = [step for step in steps if step[0] != step[1]]
    assert all(one[1] == other[0] for one, other in pairwise(climbs))
    assert "\n45\n" in witness.newest()[1]


def test_the_newest_head_can_be_read_by_anybody(witness, log):
    assert witness.newest()[0] == 404
    witness.submit(log, 0)
    status, text, kind = witness.newest()

    assert (status, kind) == (200, "text/plain; charset=utf-8")
    keys = [note.parse_verifier_key(log.vkey), *witness.keys]
    assert checkpoint.verify(text, keys).size == 5
    assert len(note.verify(text, keys).signers) == 3
    assert witness.newest("another/log")[0] == 404


def test_others_lines_are_not_kept(witness, log):
    stranger = Log(key="stranger", origin="stranger").grow(1).head().rpartition("\n\n")[2]
    witness.ask("POST", "/add-checkpoint", log.submission(0) + stranger)

    assert "stranger" not in witness.newest()[1]


def test_unknown_logs_and_wrong_signatures_are_refused(witness, log):
    elsewhere = Log(origin="elsewhere").grow(2)
    forged = Log(key="forger").grow(2)
    bent = log.submission(0).replace("\n5\n", "\n6\n")
    bare = write_submission(0, (), log.head(pq=False))

    assert witness.submit(elsewhere, 0)[0] == 404
    assert witness.submit(forged, 0)[0] == 403
    assert witness.ask("POST", "/add-checkpoint", bent)[0] == 403
    assert witness.ask("POST", "/add-checkpoint", bare)[0] == 403
    assert witness.newest()[0] == 404


@pytest.mark.parametrize(
    "body",
    ["", "old 0", "old 0\n", "old x\n\nhead", "old 00\n\nhead", "old 0\nAAAA\n\n", "new 0\n\nhead", b"\xff\xfe",
     "old 0\n" + ("A" * 43 + "=\n") * 64 + "\n" + ORIGIN],
)  # fmt: skip
def test_malformed_bodies_are_refused(witness, body):
    assert witness.ask("POST", "/add-checkpoint", body)[0] in {400, 404}


def test_long_and_endless_bodies_are_not_read(witness, log):
    assert witness.ask("POST", "/add-checkpoint", "x" * 100_001)[0] == 413
    assert witness.ask("POST", "/elsewhere", "x")[0] == 404
    with socket.create_connection(("127.0.0.1", witness.port)) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 411")
    assert witness.submit(log, 0)[0] == 200


def test_a_first_proof_must_be_empty(witness, log):
    assert witness.ask("POST", "/add-checkpoint", write_submission(0, [bytes(32)], log.head()))[0] == 422


def test_keys_are_made_once_and_for_its_account_alone(tmp_path, log):
    with Program(tmp_path / "w", log.vkey) as program:
        keys = program.keys
    with Program(tmp_path / "w", log.vkey) as again:
        assert again.keys == keys
    assert program.process.returncode == 0
    for name in ("ed25519.seed", "ml-dsa-44.seed"):
        assert stat.S_IMODE((tmp_path / "w" / name).stat().st_mode) == 0o600
    with pytest.raises(AssertionError, match="belongs to the witness"):
        Program(tmp_path / "w", log.vkey, name="other").start()
    with pytest.raises(AssertionError, match="cannot start"):
        Program(tmp_path / "v", "nonsense").start()


def test_it_runs_where_nothing_of_ours_is_but_proof(tmp_path, log):
    alone = tmp_path / "alone"
    shutil.copytree(ROOT / "proof", alone / "proof", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "audit/witness", alone / "audit/witness", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "audit/__init__.py", alone / "audit")

    with Program(tmp_path / "w", log.vkey, package=alone) as program:
        assert program.submit(log, 0)[0] == 200
    code = "import json, sys; import audit.witness.__main__; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=alone, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)} - set(sys.stdlib_module_names)
    assert {name for name in loaded if not name.startswith("_")} - {"sitecustomize"} <= {
        "audit", "proof", "cryptography", "typing_extensions", "cffi",
    }  # fmt: skip
