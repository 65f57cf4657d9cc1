import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proof import checkpoint, merkle, note

# RFC 6962 leaves of the certificate-transparency reference tests, heads worked out by the RFC's recursive definition.
LEAVES = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", bytes(range(0x50, 0x58)), bytes(16)]


def head(hashes):
    """The definition of RFC 6962, 2.1, word by word."""
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return merkle.node_hash(head(hashes[:k]), head(hashes[k:]))


def leaves(count):
    return [merkle.leaf_hash(b"%d" % number) for number in range(count)]


def test_the_empty_tree_and_the_empty_leaf_have_the_heads_of_the_rfc():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(st.integers(0, 70))
def test_the_head_is_that_of_the_recursive_definition(size):
    assert merkle.root(leaves(size)) == head(leaves(size))


@given(st.integers(1, 40), st.data())
def test_every_leaf_can_be_proved_and_no_other(size, data):
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, hashes)

    assert merkle.verify_inclusion(index, size, hashes[index], proof, head(hashes))
    assert not merkle.verify_inclusion(index, size, merkle.leaf_hash(b"other"), proof, head(hashes))
    assert not merkle.verify_inclusion(index + 1, size, hashes[index], proof, head(hashes))
    assert not merkle.verify_inclusion(index, size, hashes[index], [*proof, bytes(32)], head(hashes))


@given(st.integers(1, 40), st.data())
def test_growth_can_be_proved_and_rewriting_cannot(size, data):
    hashes = leaves(size)
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(old, hashes)
    heads = {"old_root": head(hashes[:old]), "new_root": head(hashes)}

    assert merkle.verify_consistency(old, size, **heads, proof=proof)
    rewritten = [merkle.leaf_hash(b"rewritten"), *hashes[1:]]
    assert not merkle.verify_consistency(old, size, old_root=head(rewritten[:old]), new_root=head(hashes), proof=proof)


@given(st.integers(0, 40))
def test_a_range_survives_being_stored(size):
    tree = merkle.CompactRange()
    for item in leaves(size):
        tree.append(item)
        tree = merkle.CompactRange.from_hashes(tree.size, json.loads(json.dumps(tree.to_hashes())))

    assert tree.root() == head(leaves(size))


def test_a_range_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="full subtrees"):
        merkle.CompactRange(3, [bytes(32)])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, leaves(3))
    with pytest.raises(ValueError, match="earlier size"):
        merkle.consistency_proof(0, leaves(3))


def decode(item):
    return base64.b64decode(item or "")


def test_public_inclusion_vectors(vectors):
    files = sorted((vectors / "merkle/testdata/inclusion").rglob("*.json"))
    for path in files:
        case = json.loads(path.read_text())
        result = merkle.verify_inclusion(
            case["leafIdx"],
            case["treeSize"],
            decode(case["leafHash"]),
            [decode(item) for item in case["proof"] or []],
            decode(case["root"]),
        )
        assert result is not case["wantErr"], path

    assert len(files) > 50


def test_public_consistency_vectors(vectors):
    files = sorted((vectors / "merkle/testdata/consistency").rglob("*.json"))
    for path in files:
        case = json.loads(path.read_text())
        result = merkle.verify_consistency(
            case["size1"],
            case["size2"],
            old_root=decode(case["root1"]),
            new_root=decode(case["root2"]),
            proof=[decode(item) for item in case["proof"] or []],
        )
        assert result is not case["wantErr"], path

    assert len(files) > 50


def test_a_log_made_by_another_program_has_our_heads(vectors):
    log = vectors / "tessera-log"
    key = note.parse_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    data, bodies = (log / "tile/entries/000.p/15").read_bytes(), []
    while data:
        size = int.from_bytes(data[:2], "big")
        bodies.append(data[2 : 2 + size])
        data = data[2 + size :]
    hashes = [merkle.leaf_hash(body) for body in bodies]

    for size in range(1, 16):
        found = checkpoint.verify((log / f"checkpoint.{size}").read_text("utf-8"), [key])
        assert (found.size, found.root) == (size, merkle.root(hashes[:size]))
        if size > 1:
            proof = merkle.consistency_proof(size - 1, hashes[:size])
            assert merkle.verify_consistency(
                size - 1, size, old_root=merkle.root(hashes[: size - 1]), new_root=found.root, proof=proof
            )
