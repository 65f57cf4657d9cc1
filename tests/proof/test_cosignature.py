"""A log's second line and a witness's: what they sign, and what happens where ML-DSA cannot be checked."""

import base64
import hashlib
import json
import struct
import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa as library
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import checkpoint, lattice, note
from proof.checkpoint import Checkpoint, CheckpointError
from proof.note import NoteError

ORIGIN = "countersign/0a"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SEED = bytes(range(32))
ED25519 = note.verifier_key(ORIGIN, KEY.public_key())
ML_DSA = note.ml_dsa_verifier_key(ORIGIN, lattice.public_of(SEED))
BOTH = (ED25519, ML_DSA)
HEAD = Checkpoint(origin=ORIGIN, size=300, root=bytes(range(100, 132)))


@pytest.fixture
def signed():
    return checkpoint.sign(HEAD, KEY, SEED)


def line_of(text, key):
    lines = text.rpartition("\n\n")[2].splitlines()
    data = [base64.b64decode(line.split(" ")[2]) for line in lines]
    return next(item for item in data if item[:4] == key.hint)


def without(text, key):
    body, _, tail = text.rpartition("\n\n")
    kept = [line for line in tail.splitlines() if base64.b64decode(line.split(" ")[2])[:4] != key.hint]
    return f"{body}\n\n" + "".join(f"{line}\n" for line in kept)


def test_both_lines_of_a_log_verify(signed):
    opened = checkpoint.open_signed(signed, BOTH)

    assert opened.head == HEAD
    assert opened.note.signers == BOTH
    assert opened.note.times == (0, 0)
    assert opened.remarks == ()


def test_the_signed_bytes_are_those_of_the_specification(signed):
    line = line_of(signed, ML_DSA)
    name = ORIGIN.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", 0) + bytes([len(name)]) + name
    message += struct.pack(">QQ", 0, 300) + HEAD.root

    assert len(line) == 4 + 8 + 2420
    assert line[4:12] == bytes(8)
    library.MLDSA44PublicKey.from_public_bytes(ML_DSA.public).verify(line[12:], message)


def test_the_key_id_is_that_of_the_specification():
    material = f"{ORIGIN}\n".encode() + b"\x06" + ML_DSA.public

    assert ML_DSA.hint == hashlib.sha256(material).digest()[:4]
    assert note.parse_verifier_key(str(ML_DSA)) == ML_DSA


def test_who_knows_only_the_older_key_reads_the_note_too(signed):
    assert checkpoint.verify(signed, [ED25519]) == HEAD


@pytest.mark.parametrize("key", BOTH)
def test_a_line_that_was_taken_away_is_missed(signed, key):
    with pytest.raises(CheckpointError, match="lacks the line of its"):
        checkpoint.verify(without(signed, key), BOTH)


@pytest.mark.parametrize("key", BOTH)
def test_a_line_of_another_head_does_not_pass(signed, key):
    other = checkpoint.sign(Checkpoint(origin=ORIGIN, size=300, root=bytes(32)), KEY, SEED)
    foreign = base64.b64encode(line_of(other, key)).decode()

    with pytest.raises(NoteError, match="is wrong"):
        checkpoint.verify(f"{without(signed, key)}— {ORIGIN} {foreign}\n", BOTH)


def test_a_claimed_time_cannot_be_changed(signed):
    line = line_of(signed, ML_DSA)
    moved = base64.b64encode(line[:4] + struct.pack(">Q", 1) + line[12:]).decode()

    with pytest.raises(NoteError, match="is wrong"):
        checkpoint.verify(f"{without(signed, ML_DSA)}— {ORIGIN} {moved}\n", BOTH)


@pytest.fixture(params=["no module", "no algorithm"])
def old_library(request, monkeypatch):
    """What `cryptography` 45 and 47 do."""
    if request.param == "no module":
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
        return

    def refuse(_):
        raise UnsupportedAlgorithm(request.param)

    monkeypatch.setattr(library, "MLDSA44PublicKey", type("Old", (), {"from_public_bytes": staticmethod(refuse)}))


@pytest.mark.usefixtures("old_library")
def test_where_it_cannot_be_checked_that_is_said_and_the_rest_is_checked():
    opened = checkpoint.open_signed(FIXED, BOTH)

    assert opened.note.unchecked == (ML_DSA,)
    assert opened.remarks == ("ML-DSA: NOT CHECKED (needs cryptography 48)",)
    with pytest.raises(CheckpointError, match="lacks the line of its ML-DSA-44 key"):
        checkpoint.verify(without(FIXED, ML_DSA), BOTH)
    with pytest.raises(NoteError, match="No known key"):
        checkpoint.verify(FIXED, [ML_DSA])
    with pytest.raises(CheckpointError, match="not signed by that log"):
        checkpoint.verify(without(FIXED, ED25519) + witness_line(), (*BOTH, WITNESS))


WITNESS = note.verifier_key("witness.example/w1", KEY.public_key(), note.COSIGNED_ED25519)
FIXED = checkpoint.sign(HEAD, KEY, SEED)


def witness_line():
    return note.cosign_ed25519(FIXED, "witness.example/w1", KEY, time=1679315147)


def test_witnesses_lines_verify_and_state_a_time(signed):
    quantum = note.ml_dsa_verifier_key("witness.example/w2", lattice.public_of(bytes(32)))
    lines = witness_line() + note.cosign_ml_dsa(signed, "witness.example/w2", bytes(32), time=1679315148)
    opened = checkpoint.open_signed(signed + lines, (*BOTH, WITNESS, quantum))

    assert opened.note.signers == (*BOTH, WITNESS, quantum)
    assert opened.note.times == (0, 0, 1679315147, 1679315148)
    assert KEY.public_key().verify(line_of(lines, WITNESS)[12:], b"cosignature/v1\ntime 1679315147\n" + body()) is None


def body():
    return HEAD.body().encode()


def test_a_witness_line_under_another_name_does_not_count(signed):
    seed = bytes(32)
    mine = note.ml_dsa_verifier_key("witness.example/other", lattice.public_of(seed))
    foreign = note.cosign_ml_dsa(signed, "witness.example/w2", seed, time=1).split(" ")[2]
    data = base64.b64encode(mine.hint + base64.b64decode(foreign)[4:]).decode()

    with pytest.raises(NoteError, match="is wrong"):
        note.verify(f"{signed}— witness.example/other {data}\n", [*BOTH, mine])


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\n?\n"]
)
def test_only_checkpoints_can_be_cosigned(text):
    with pytest.raises(NoteError):
        note.cosign_ml_dsa(note.sign("a", KEY, text), "a", SEED, time=0)


@pytest.mark.parametrize("data", [b"", bytes(8), b"\xff" * 72])
def test_a_cosignature_of_another_form_is_wrong(data):
    line = base64.b64encode(WITNESS.hint + data).decode() if data else base64.b64encode(WITNESS.hint + b"x").decode()

    with pytest.raises(NoteError, match="is wrong"):
        note.verify(f"{FIXED}— {WITNESS.name} {line}\n", [*BOTH, WITNESS])


def test_public_ml_dsa_vectors(vectors):
    tests = 0
    for group in json.loads((vectors / "wycheproof" / "mldsa_44_verify_test.json").read_text())["testGroups"]:
        public = bytes.fromhex(group["publicKey"])
        for case in group["tests"]:
            given = [bytes.fromhex(case[name]) for name in ("sig", "msg")]
            accepted = lattice.verify(public, *given, bytes.fromhex(case.get("ctx", "")))
            assert accepted is (case["result"] == "valid"), case["comment"]
            tests += 1

    assert tests > 50
