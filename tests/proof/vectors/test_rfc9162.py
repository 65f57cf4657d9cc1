"""Edge cases of proofs, worked out from RFC 9162 by hand; tests/proof/test_merkle.py has the public ones."""

import pytest

from proof import merkle
from proof.merkle import leaf_hash, node_hash

A, B, C, D, E = (leaf_hash(name) for name in (b"a", b"b", b"c", b"d", b"e"))
AB, CD = node_hash(A, B), node_hash(C, D)
ROOTS = {1: A, 2: AB, 3: node_hash(AB, C), 4: node_hash(AB, CD), 5: node_hash(node_hash(AB, CD), E)}


@pytest.mark.parametrize(
    ("index", "size", "leaf", "proof"),
    [
        (0, 1, A, []),
        (1, 2, B, [A]),
        (2, 3, C, [AB]),
        (1, 3, B, [A, C]),
        (3, 4, D, [C, AB]),
        (4, 5, E, [ROOTS[4]]),
        (2, 5, C, [D, AB, E]),
    ],
)
def test_inclusion_by_hand(index, size, leaf, proof):
    hashes = [A, B, C, D, E][:size]

    assert merkle.inclusion_proof(index, hashes) == proof
    assert merkle.verify_inclusion(index, size, leaf, proof, ROOTS[size])
    for wrong in (size, size + 1, -1):
        assert not merkle.verify_inclusion(wrong, size, leaf, proof, ROOTS[size])
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, A], ROOTS[size])
    assert not merkle.verify_inclusion(index, size, leaf, [item[:31] for item in proof] + [b""], ROOTS[size])


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [
        (1, 2, [B]),
        (2, 3, [C]),
        (1, 3, [B, C]),
        (3, 4, [C, D, AB]),
        (3, 5, [C, D, AB, E]),
        (4, 5, [E]),
        (4, 4, []),
    ],
)
def test_consistency_by_hand(old, new, proof):
    assert merkle.consistency_proof(old, [A, B, C, D, E][:new]) == proof
    assert merkle.verify_consistency(old, new, old_root=ROOTS[old], new_root=ROOTS[new], proof=proof)
    assert not merkle.verify_consistency(old, new, old_root=ROOTS[old], new_root=ROOTS[new], proof=[*proof, A])
    assert not merkle.verify_consistency(new + 1, new, old_root=ROOTS[new], new_root=ROOTS[new], proof=proof)


def test_the_empty_tree_is_the_start_of_nothing_that_one_can_prove():
    for new, root in ((0, merkle.EMPTY_ROOT), (1, A), (2, AB)):
        for proof in ([], [A]):
            assert not merkle.verify_consistency(0, new, old_root=merkle.EMPTY_ROOT, new_root=root, proof=proof)
    assert not merkle.verify_inclusion(0, 0, A, [], merkle.EMPTY_ROOT)


def test_a_leaf_cannot_pass_for_a_node():
    """The prefixes keep the two apart (RFC 9162, 2.1.1)."""
    forged = leaf_hash(A + B)

    assert forged != AB
    assert not merkle.verify_inclusion(0, 2, forged, [C], ROOTS[3])
