"""Who signed the head beside the log, when, and whether it is the log that one saw elsewhere."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import checkpoint, lattice, merkle, note
from proof.bundle import Earlier, Pinned, verify
from proof.checkpoint import Checkpoint
from proof.lattice import UncheckableError
from proof.pins import read_pinned
from proof.times import parse
from proof.verifier import check_bundle
from tests.proof.cast import LOG, NOW, ROOT, at, pem, service_key
from tests.proof.exports import LOG_KEY, ORIGIN, PINNED, contents, entry, packed, selection, signed_policy, story
from tests.proof.factory import root_key, root_of, service_entry, signed_registry

SEED = hashlib.sha256(b"the log's other seed").digest()
LATTICE_KEY = str(note.ml_dsa_verifier_key(ORIGIN, lattice.public_of(SEED)))
W1, W2 = (Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name).digest()) for name in (b"w1", b"w2"))
SEEN = int(NOW.timestamp())


def vkey(name, private):
    return str(note.verifier_key(name, private.public_key(), note.COSIGNED_ED25519))


WITNESSES = (vkey("w1", W1), vkey("w2", W2))


def head_of(whole, size=None, *, seed=b"", key=LOG):
    hashes = [merkle.leaf_hash(body) for _, body in whole.entries]
    size = len(hashes) if size is None else size
    return checkpoint.sign(Checkpoint(origin=ORIGIN, size=size, root=merkle.root(hashes[:size])), key, seed)


def witnessed(signed, *cosigners, time=SEEN):
    return signed + "".join(note.cosign_ed25519(signed, name, key, time=time) for name, key in cosigners)


def pinned(**changes):
    return Pinned(root_public=pem(ROOT), **{"log": (LOG_KEY,), **changes})


def test_witnesses_are_counted_by_their_keys_from_elsewhere():
    note_of_two = witnessed(head_of(contents()), ("w1", W1), ("w2", W2))
    bundle = packed(contents(checkpoint=note_of_two))

    report = verify(bundle, pinned(witnesses=WITNESSES, k=2))

    assert (report.exit_code, report.witnesses) == (0, ["w1", "w2"])
    assert "witnesses saw the log grow" in report.as_text()
    assert "this machine's word; no witness" not in report.as_text()
    alone = verify(bundle, PINNED)
    assert (alone.exit_code, alone.witnesses) == (0, [])
    assert "time: this machine's word; no witness vouches for it" in alone.as_text()


@pytest.mark.parametrize(
    "cosigners", [(), (("w1", W1),), (("w1", W1), ("w1", W1)), (("w1", W1), ("w2", W1)), (("w1", W1), ("w3", W2))]
)
def test_too_few_witnesses_are_a_finding(cosigners):
    bundle = packed(contents(checkpoint=witnessed(head_of(contents()), *cosigners)))

    report = verify(bundle, pinned(witnesses=WITNESSES, k=2))

    assert report.exit_code == 1
    assert "of the 2 witnesses" in report.findings[0]


def test_the_registry_may_require_witnesses_too():
    asked = {"witnesses": {"required": 1, "keys": list(WITNESSES)}}
    registry = [signed_registry(**asked)]
    bare = contents(registry=registry)

    assert "0 of the 1 witnesses" in verify(packed(bare), PINNED).findings[0]
    signed = contents(registry=registry, checkpoint=witnessed(head_of(bare), ("w2", W2)))
    assert verify(packed(signed), PINNED).exit_code == 0


def test_a_line_of_a_witness_that_is_wrong_is_a_finding():
    moved = head_of(contents()) + note.cosign_ed25519(head_of(contents(), 2), "w1", W1, time=SEEN)

    assert "is wrong" in verify(packed(contents(checkpoint=moved)), pinned(witnesses=WITNESSES)).findings[0]


def earlier(make, size, *, time=SEEN, other=None):
    """An earlier head that a witness saw, with the way from it."""
    whole = contents()
    hashes = [merkle.leaf_hash(body) for _, body in whole.entries]
    signed = witnessed(other or head_of(whole, size), ("w1", W1), time=time)
    return make(earlier=[Earlier(size=size, note=signed, path=tuple(merkle.consistency_proof(size, hashes)))])


@pytest.mark.parametrize("make", [contents, selection])
def test_heads_that_witnesses_saw_bound_the_times(make):
    keys = pinned(witnesses=WITNESSES)
    run = int(at_seconds(10))
    assert verify(packed(earlier(make, 5, time=run + 60)), keys).exit_code == 0
    assert verify(packed(earlier(make, 4, time=run - 30)), keys).exit_code == 0

    late = verify(packed(earlier(make, 5, time=run - 3_600)), keys)
    assert "after a witness had seen it" in late.findings[0]
    backdated = verify(packed(earlier(make, 4, time=run + 3_600)), keys)
    assert "before a witness saw the log without it" in backdated.findings[0]


def at_seconds(minute):
    return parse(at(minute)).timestamp()


@pytest.mark.parametrize("make", [contents, selection])
def test_a_witnessed_head_of_another_history_is_a_finding(make):
    other = contents((([entry(n, "incident.opened", at(5)) for n in range(5)]), [], story()[2]), changes=[])
    forked = earlier(make, 3, other=head_of(other, 3))

    assert "does not lead from" in verify(packed(forked), pinned(witnesses=WITNESSES)).findings[0]
    assert verify(packed(forked), PINNED).exit_code == 0, "without the witness's key it is nobody's word"


@pytest.mark.parametrize("make", [contents, selection])
def test_the_log_leads_through_a_head_from_elsewhere_or_is_another(make):
    whole = contents()
    hashes = [merkle.leaf_hash(body) for _, body in whole.entries]
    way = [Earlier(size=3, path=tuple(merkle.consistency_proof(3, hashes)))]
    bundle = packed(make(earlier=way if make is selection else ()))

    through = verify(bundle, pinned(checkpoint=head_of(whole, 3)))
    assert (through.exit_code, through.elsewhere) == (0, 3)
    assert verify(bundle, pinned(checkpoint=head_of(whole))).elsewhere == 5
    other = contents((([entry(n, "incident.opened", at(5)) for n in range(5)]), [], story()[2]), changes=[])
    replaced = verify(bundle, pinned(checkpoint=head_of(other, 3)))
    assert "is not the one whose head of 3 entries" in replaced.findings[0]


def test_a_selection_without_the_way_from_that_head_is_incomplete():
    report = verify(packed(selection()), pinned(checkpoint=head_of(contents(), 3)))

    assert report.exit_code == 2
    assert "--through 3" in report.gaps[0]


def test_a_later_head_needs_the_proof_beside_it():
    told = story()
    grown = contents((([*told[0], entry(50, "incident.opened", at(14))]), told[1], told[2]))
    hashes = [merkle.leaf_hash(body) for _, body in grown.entries]
    later = head_of(grown)

    assert verify(packed(contents()), pinned(checkpoint=later)).exit_code == 2
    path = tuple(merkle.consistency_proof(5, hashes))
    assert verify(packed(contents()), pinned(checkpoint=later, path=path)).elsewhere == 6
    assert verify(packed(contents()), pinned(checkpoint=later, path=path[:-1])).exit_code == 1


def test_a_bundle_of_a_fresh_fake_installation_passes_by_its_own_word_alone():
    root, log = service_key("fake root"), service_key("fake log")
    registry = [signed_registry(root, root=root_of(root_key(root)), services=[service_entry("log", log)])]
    bundle = packed(contents(registry=registry, policies=[signed_policy(root)], log=log), log)

    report = verify(bundle)
    assert (report.exit_code, report.trust) == (0, "self")
    assert report.as_text().startswith("INTACT, AUTHOR NOT IDENTIFIED: root ")
    assert verify(bundle, PINNED).exit_code == 1
    words = Pinned(root_words=verify(packed(contents())).root_words, log=(LOG_KEY,))
    assert "whose words are pinned" in verify(bundle, words).findings[0]
    assert verify(packed(contents()), words).exit_code == 0


WITH_LATTICE = {"log_keys": [LOG_KEY, LATTICE_KEY]}


def sealed(*, seed=SEED, **changes):
    registry = [signed_registry(**WITH_LATTICE)]
    whole = contents(registry=registry)
    return packed(contents(registry=registry, checkpoint=head_of(whole, seed=seed), **changes))


def test_an_ml_dsa_line_that_the_registry_asks_for_is_checked():
    report = verify(sealed(), pinned(log=(LOG_KEY, LATTICE_KEY)), require_pq=True)

    assert report.exit_code == 0
    assert report.as_json()["ml_dsa"] == "checked"


def test_a_stripped_or_a_wrong_ml_dsa_line_is_a_finding():
    stripped = verify(sealed(seed=b""), PINNED)
    wrong = verify(sealed(seed=hashlib.sha256(b"another").digest()), PINNED)

    assert "lacks the line of its ML-DSA-44 key" in stripped.findings[0]
    assert wrong.exit_code == 1


def test_an_ml_dsa_line_that_cannot_be_checked_here_is_said_and_no_more(monkeypatch):
    def cannot(*_):
        raise UncheckableError(lattice.NOT_CHECKED)

    bundle, bare = sealed(), sealed(seed=b"")
    monkeypatch.setattr(lattice, "verify", cannot)

    report = verify(bundle, PINNED)
    assert report.exit_code == 0
    assert "ML-DSA: NOT CHECKED (needs cryptography 48)" in report.as_text()
    assert verify(bundle, PINNED, require_pq=True).exit_code == 2
    assert verify(bare, PINNED).exit_code == 1, "stripping is seen all the same"


def test_who_asks_for_ml_dsa_is_not_content_without():
    assert verify(packed(contents()), PINNED, require_pq=True).exit_code == 2


@pytest.mark.parametrize(
    "change",
    [
        {"root_public": "x"},
        {"root_public": "", "root_words": "too few"},
        {"log": []},
        {"log": [WITNESSES[0]]},
        {"log": 7},
        {"witnesses": [WITNESSES[0]], "k": 2},
        {"witnesses": [LOG_KEY]},
        {"checkpoint": "x"},
        {"path": ["x"]},
        {"surplus": 1},
    ],
)
def test_a_file_of_keys_that_makes_no_sense_is_refused(change):
    good = {"root_public": pem(ROOT), "log": LOG_KEY}
    assert read_pinned(json.dumps(good)).log == (LOG_KEY,)
    with pytest.raises(ValueError):
        read_pinned(json.dumps({**good, **change}))


def test_a_pinned_head_that_the_log_did_not_sign_is_refused():
    forged = head_of(contents(), key=W1)
    with pytest.raises(ValueError, match="checkpoint"):
        read_pinned(json.dumps({"root_public": pem(ROOT), "log": LOG_KEY, "checkpoint": forged}))


def test_a_bundle_is_checked_where_it_lies(tmp_path):
    path = tmp_path / "b.tar"
    path.write_bytes(packed(contents()))
    with path.open("rb") as stream:
        assert check_bundle(stream, PINNED).exit_code == 0
