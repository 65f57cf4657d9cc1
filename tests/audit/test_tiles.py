"""Tiles and proofs out of the database are those of the definition, at every size, and no other tile is given out."""

from pathlib import Path

import pytest
from django.db import transaction

from audit import tiles
from audit.models import Entry, Leaf, Tile
from audit.services.sequence import sequence
from core import clock
from core.errors import NotFoundError
from proof import merkle, tlog

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """Put bodies into the tree as they are."""

    @transaction.atomic
    def plant(bodies):
        hashes = [merkle.leaf_hash(body) for body in bodies]
        entries = [
            Entry(uid=f"{number:032x}", at=clock.now(), actor="service:test", verb="test.noted", subject="test:1",
                  body=body, facts=b"{}", facts_salt=b"s")
            for number, body in enumerate(bodies)
        ]  # fmt: skip
        Entry.objects.bulk_create(entries)
        Leaf.objects.bulk_create(Leaf(seq=seq, entry=entry, leaf_hash=hashes[seq]) for seq, entry in enumerate(entries))
        return hashes

    return plant


@pytest.fixture
def narrow(monkeypatch):
    """Tiles four wide, so that a small tree has three levels of them."""
    for module in (tiles, tlog):
        monkeypatch.setattr(module, "TILE_HEIGHT", 2)
        monkeypatch.setattr(module, "TILE_WIDTH", 4)


def test_every_proof_at_every_size_is_that_of_the_definition(tree, narrow):
    hashes = tree([b"%d" % number for number in range(70)])

    for size in (1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 70):
        for index in range(size):
            assert tiles.inclusion_proof(index, size) == merkle.inclusion_proof(index, hashes[:size])
        for old in range(1, size + 1):
            assert tiles.consistency_proof(old, size) == merkle.consistency_proof(old, hashes[:size])


def test_every_tile_is_that_of_the_definition(tree, narrow):
    hashes = tree([b"%d" % number for number in range(70)])

    for level in range(4):
        full, rest = tlog.widths(70, level)
        for number in range(full + 1):
            for width in range(1, (4 if number < full else rest) + 1):
                found = tiles.hash_tile(level, number, width, 70)
                assert found == b"".join(head(hashes, level, number * 4 + place) for place in range(width))


def head(hashes, level, place):
    count = 4**level
    return merkle.root(hashes[place * count : (place + 1) * count])


def test_tiles_above_the_leaves_are_worked_out_once(tree, narrow, django_assert_num_queries):
    tree([b"%d" % number for number in range(64)])
    first = tiles.hash_tile(2, 0, 4, 64)

    assert Tile.objects.filter(level=2).count() == 1
    with django_assert_num_queries(1):
        assert tiles.hash_tile(2, 0, 4, 64) == first


def test_a_tile_beyond_the_signed_tree_is_not_there(tree):
    tree([b"%d" % number for number in range(5)])

    for level, number, width in ((0, 0, 6), (0, 0, 256), (0, 1, 1), (1, 0, 1), (0, 0, 0), (8, 0, 1)):
        with pytest.raises(NotFoundError):
            tiles.hash_tile(level, number, width, 5)
    with pytest.raises(NotFoundError):
        tiles.entry_bundle(0, 6, 5)


def test_the_public_log_comes_out_as_it_is(tree):
    """Another program's log, put into our tables, gives that program's files byte by byte."""
    log = Path(__file__).resolve().parents[2] / "../shared/vectors/tessera-log"
    if not log.is_dir():
        pytest.skip("the public vectors are not on this machine")
    tree(tlog.read_bundle((log / "tile/entries/000.p/15").read_bytes()))

    for width in range(1, 16):
        assert tiles.entry_bundle(0, width, 15) == (log / f"tile/entries/000.p/{width}").read_bytes()
        assert tiles.hash_tile(0, 0, width, 15) == (log / f"tile/0/000.p/{width}").read_bytes()


def test_bundles_hold_no_facts(note, settings):
    note(1, facts={"name": "Ada Lovelace"})
    sequence()

    bundle = tiles.entry_bundle(0, 1, 1)
    assert b"facts_commitment" in bundle
    assert b"Ada" not in bundle
