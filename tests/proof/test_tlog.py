import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proof import checkpoint, merkle, note, tlog
from proof.tlog import Proof, TlogError

PROOF = """c2sp.org/tlog-proof@v1
extra aGk=
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw==
"""


@pytest.mark.parametrize(
    ("number", "place"),
    [(0, "000"), (7, "007"), (999, "999"),
     (1000, "x001/000"), (1234067, "x001/x234/067"), (10**9, "x001/x000/x000/000")],
)  # fmt: skip
def test_numbers_are_written_as_the_specification_does(number, place):
    assert tlog.place_of(number) == place
    assert tlog.number_of(place) == number


@given(st.integers(0, 2**55))
def test_every_number_reads_back(number):
    assert tlog.number_of(tlog.place_of(number)) == number


@pytest.mark.parametrize(
    "place", ["", "0", "0000", "x000/001", "x01/000", "x001", "001/000", "x001/00a", "x001//000", "-01"]
)
def test_no_number_has_two_addresses(place):
    with pytest.raises(TlogError):
        tlog.number_of(place)


def test_tiles_have_the_addresses_of_the_specification():
    assert tlog.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tlog.tile_path(1, 0, 12) == "tile/1/000.p/12"
    assert tlog.tile_path(None, 273, 112) == "tile/entries/273.p/112"
    assert tlog.widths(70_000, 0) == (273, 112)
    assert tlog.widths(70_000, 1) == (1, 17)
    assert tlog.widths(70_000, 2) == (0, 1)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_reads_back(bodies):
    assert tlog.read_bundle(tlog.write_bundle(bodies)) == bodies


def test_a_bundle_that_is_cut_or_too_wide_is_refused():
    data = tlog.write_bundle([b"abc", b""])
    for damaged in (data[:-1], data[:3], data + b"\0", data * 129):
        with pytest.raises(TlogError):
            tlog.read_bundle(damaged)
    with pytest.raises(TlogError, match="does not fit"):
        tlog.write_bundle([bytes(0x10000)])
    assert tlog.read_bundle(tlog.write_bundle([bytes(0xFFFF)])) == [bytes(0xFFFF)]


def test_a_proof_is_in_the_form_of_the_specification():
    found = tlog.read_proof(PROOF)

    assert (found.index, found.extra, len(found.path)) == (73894, b"hi", 2)
    assert found.checkpoint.startswith("example.com/fancylog\n109482\n")
    assert tlog.write_proof(found) == PROOF
    bare = Proof(index=0, path=(), checkpoint=found.checkpoint)
    assert tlog.write_proof(bare).startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nexample.com")
    assert tlog.read_proof(tlog.write_proof(bare)) == bare


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 73894", "index 073894"),
        ("index 73894", "index -1"),
        ("index 73894\n", ""),
        ("extra aGk=", "extra aGl="),
        ("extra aGk=", "extra "),
        ("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=", "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlR="),
        ("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n", "aGk=\n"),
        ("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n", "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n" * 63),
        ("\n\nexample", "\nexample"),
        ("c2sp", "\nc2sp"),
    ],
)
def test_other_texts_are_no_proofs(old, new):
    assert old in PROOF
    with pytest.raises(TlogError):
        tlog.read_proof(PROOF.replace(old, new, 1))


def test_a_submission_reads_back_and_no_other_text_does():
    path = (bytes(32), bytes(range(32)))
    text = tlog.write_submission(5, path, "origin\n7\nroot\n\n— x y\n")

    assert tlog.read_submission(text) == (5, path, "origin\n7\nroot\n\n— x y\n")
    for damaged in ("", "old 5", text.replace("old 5", "old 05"), text.replace("old", "new"), "old 5\nxx\n\norigin"):
        with pytest.raises(TlogError):
            tlog.read_submission(damaged)


def test_a_log_of_another_program_has_our_tiles_and_bundles(vectors):
    log = vectors / "tessera-log"
    key = note.parse_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    bodies = tlog.read_bundle((log / tlog.tile_path(None, 0, 15)).read_bytes())
    hashes = [merkle.leaf_hash(body) for body in bodies]

    for size in range(1, 16):
        assert (log / tlog.tile_path(None, 0, size)).read_bytes() == tlog.write_bundle(bodies[:size])
        assert (log / tlog.tile_path(0, 0, size)).read_bytes() == b"".join(hashes[:size])
        head = checkpoint.verify((log / f"checkpoint.{size}").read_text("utf-8"), [key])
        assert head.root == merkle.root(hashes[:size])
        for index in range(size):
            assert merkle.verify_inclusion(
                index, size, hashes[index], merkle.inclusion_proof(index, hashes[:size]), head.root
            )
    assert (log / "checkpoint").read_bytes() == (log / "checkpoint.15").read_bytes()
    empty = checkpoint.verify((log / "checkpoint.0").read_text("utf-8"), [key])
    assert (empty.size, empty.root) == (0, merkle.EMPTY_ROOT)
