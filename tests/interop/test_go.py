"""The Go team's own packages, as Debian ships them, read our notes, trees, proofs and tiles."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from proof import checkpoint, merkle, note, tlog
from proof.checkpoint import Checkpoint
from tests.proof.cast import LOG
from tests.proof.test_heads import ORIGIN, SEED, W1, witnessed

pytestmark = pytest.mark.interop
LIBRARIES = Path("/usr/share/gocode")
SIZE = 300


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """The checker, compiled; nothing is fetched."""
    if shutil.which("go") is None or not (LIBRARIES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("golang-go and golang-golang-x-mod-dev are not on this machine; `make setup` installs them")
    folder = tmp_path_factory.mktemp("go")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GOPATH": str(LIBRARIES), "GO111MODULE": "off",
                   "GOCACHE": str(folder / "cache"), "GOPROXY": "off", "GOFLAGS": ""}  # fmt: skip
    source = Path(__file__).with_name("check.go")
    subprocess.run(["go", "build", "-o", folder / "check", source], check=True, env=environment, timeout=300)
    return folder / "check"


@pytest.fixture(scope="session")
def log():
    bodies = [b"entry %d" % number for number in range(SIZE)]
    hashes = [merkle.leaf_hash(body) for body in bodies]
    head = Checkpoint(origin=ORIGIN, size=SIZE, root=merkle.root(hashes))
    tiles = {"tile/8/0/000": hashes[:256], "tile/8/0/001.p/44": hashes[256:], "tile/8/0/000.p/7": hashes[:7],
             "tile/8/1/000.p/1": [merkle.root(hashes[:256])]}  # fmt: skip
    return {
        "Vkey": str(note.verifier_key(ORIGIN, LOG.public_key())),
        "Origin": ORIGIN,
        "Note": witnessed(checkpoint.sign(head, LOG, SEED), ("w1", W1)),
        "Size": SIZE,
        "Root": head.root,
        "Bodies": bodies,
        "Inclusion": [{"Index": index, "Path": merkle.inclusion_proof(index, hashes)} for index in range(0, SIZE, 7)],
        "Consistency": [{"Old": old, "Path": merkle.consistency_proof(old, hashes)} for old in range(1, SIZE + 1, 7)],
        "Tiles": {path: b"".join(items) for path, items in tiles.items()},
    }


def run(program, log):
    text = json.dumps(log, default=lambda data: base64.b64encode(data).decode())
    return subprocess.run([program], input=text, capture_output=True, text=True, check=False, timeout=60)


def test_they_accept_all_of_it(program, log):
    done = run(program, log)

    assert (done.returncode, done.stdout) == (0, "43 43 4\n"), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda log: {"Note": log["Note"].replace("\n300\n", "\n301\n")}, "invalid signature"),
        (lambda log: {"Bodies": [*log["Bodies"][:-1], b"other"]}, "another root"),
        (lambda log: {"Inclusion": [{"Index": 8, "Path": log["Inclusion"][1]["Path"]}]}, "invalid transparency proof"),
        (lambda log: {"Consistency": [{"Old": 9, "Path": log["Consistency"][1]["Path"]}]}, "invalid transparency"),
        (lambda log: {"Tiles": {"tile/8/0/000.p/2": log["Tiles"]["tile/8/0/000.p/7"]}}, "differs"),
    ],
)
def test_they_refuse_what_we_refuse(program, log, change, why):
    done = run(program, {**log, **change(log)})

    assert done.returncode == 1
    assert why in done.stdout


def test_our_addresses_of_tiles_are_theirs_but_for_the_height():
    for level, number, width in ((0, 0, 256), (1, 273, 17), (2, 1234067, 256)):
        height = f"tile/8/{tlog.tile_path(level, number, width).removeprefix('tile/')}"
        assert height.startswith(f"tile/8/{level}/")
