"""The levels give the same heads and proofs as the plain algorithm of the RFC."""

import hashlib

import pytest

from audit.levels import Levels
from proof import merkle

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(67)]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 67])
def test_heads_and_proofs_are_those_of_the_rfc(size):
    leaves = LEAVES[:size]
    levels = Levels(leaves)

    assert levels.root() == merkle.root(leaves)
    for index, leaf in enumerate(leaves):
        proof = levels.inclusion_proof(index)
        assert proof == merkle.inclusion_proof(index, leaves)
        assert merkle.verify_inclusion(index, size, leaf, proof, levels.root())


@pytest.mark.parametrize("index", [-1, 5])
def test_what_is_no_leaf_has_no_proof(index):
    with pytest.raises(ValueError, match="no leaf"):
        Levels(LEAVES[:5]).inclusion_proof(index)


def test_an_empty_tree_has_the_empty_hash():
    assert Levels([]).root() == hashlib.sha256(b"").digest()
