"""The verifier on other people's machines: older `cryptography`, with and without ML-DSA (H20). Debian 12 ships 38."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.cast import ROOT, pem
from tests.proof.test_heads import LATTICE_KEY, LOG_KEY, sealed

pytestmark = pytest.mark.interop
PACKAGE = Path(__file__).resolve().parents[2]
UV = Path(sys.prefix) / "bin" / "uv"
CACHE = Path(sys.prefix) / "interop"
VERSIONS = ("38.0.4", "46.0.7", "47.0.0")


@pytest.fixture(scope="session", params=VERSIONS)
def python(request):
    """A Python of our version with that `cryptography` and nothing else."""
    folder = CACHE / f"cryptography-{request.param}"
    program = folder / "bin" / "python"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{request.param}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            made = [[UV, "venv", "-q", "--clear", "--python", sys.executable, folder],
                    [UV, "pip", "install", "-q", "--python", program, f"cryptography=={request.param}"]]  # fmt: skip
            for command in made:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
                if done.returncode:
                    pytest.skip(f"cryptography {request.param} cannot be installed here: {done.stderr[-200:]}")
            (folder / "done").touch()
    return program


@pytest.fixture
def check(python, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"root_public": pem(ROOT), "log": [LOG_KEY, LATTICE_KEY]}))

    def run(bundle, *options):
        path = tmp_path / "b.tar"
        path.write_bytes(bundle)
        command = [python, "-m", "proof", path, "--keys", keys, *options]
        return subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False, timeout=120)

    return run


def test_all_but_ml_dsa_is_checked_and_that_is_said(check):
    done = check(sealed())

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("INTACT: root ")
    assert "ML-DSA: NOT CHECKED (needs cryptography 48)" in done.stdout


def test_who_requires_ml_dsa_gets_2(check):
    assert check(sealed(), "--require-pq").returncode == 2


def test_a_stripped_line_is_seen_there_too(check):
    done = check(sealed(seed=b""))

    assert done.returncode == 1, done.stdout + done.stderr
    assert "lacks the line of its ML-DSA-44 key" in done.stdout
