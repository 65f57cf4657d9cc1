import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proof.__main__ import main
from tests.proof.exports import LOG_KEY, PINNED, contents, packed, story

PACKAGE = Path(__file__).resolve().parents[2] / "proof"
ALONE = """
import json, runpy, sys
sys.path.insert(0, sys.argv.pop(1))
code = 0
try:
    runpy.run_module("proof", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code
packages = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(json.dumps(sorted(packages)), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "bundle.tar"
    path.write_bytes(packed(contents()))
    return path


@pytest.fixture
def pinned(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"root_public": PINNED.root_public, "log": LOG_KEY}))
    return path


def test_it_runs_by_itself_on_the_standard_library_and_cryptography(bundle, pinned, tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "alone" / "proof")

    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, tmp_path / "alone", bundle, "--keys", pinned],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("INTACT: root ")
    loaded = {name for name in json.loads(done.stderr.splitlines()[-1]) if not name.startswith("_")}
    # Debian's own Python brings sitecustomize along.
    assert loaded - {"sitecustomize"} <= {"proof", "cryptography", "typing_extensions", "cffi"}


def test_the_answer_is_the_exit_code(bundle, pinned, tmp_path, capsys):
    broken = tmp_path / "broken.tar"
    broken.write_bytes(packed(contents(story(sidecars=[]))))

    assert main([str(bundle)]) == 0
    assert main([str(bundle), "--require-pinned"]) == 2
    assert main([str(bundle), "--require-pinned", "--keys", str(pinned)]) == 0
    assert main([str(broken)]) == 1
    assert main([str(tmp_path / "missing.tar")]) == 2
    assert main([str(bundle), "--keys", str(bundle)]) == 2
    assert "NOT INTACT" in capsys.readouterr().out


def test_programs_get_json(bundle, capsys):
    assert main([str(bundle), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["result"], report["trust"], report["kind"]) == ("intact", "self", "complete")
    assert report["changes"][0]["state"] == "GRANTED"
