"""The quick reader of entries takes exactly what the careful one takes, and builds the same tree."""

import hashlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from proof import canonical, documents, lines, merkle
from proof.documents import DocumentError, parse_entry
from proof.lines import LinesError, Wanted, walk
from tests.proof.cast import INSTALLATION, at
from tests.proof.exports import entry

TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "Cc", "S"]), max_size=6)
TIMES = st.sampled_from(
    [at(1), "2026-02-28T00:00:00.000000Z", "2026-02-29T00:00:00.000000Z", "2028-02-29T00:00:00.000000Z",
     "2026-01-31T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z",
     "1999-01-01T00:00:00.000000Z", "2026-04-31T00:00:00.000000Z",
     "2026-01-01T24:00:00.000000Z", "2026-01-01T00:00:60.000000Z", "2026-02-28T23:59:59.999999Z"]
)  # fmt: skip


def body(**changes):
    value = canonical.loads(entry(7, "incident.opened", at(1)))
    return canonical.dumps({**value, **changes})


def careful(line):
    try:
        return parse_entry(line)
    except DocumentError:
        return None


def quick(line):
    """What the quick reader makes of a line: whether it is an entry of this installation."""
    try:
        walked = walk([line + b"\n"], Wanted(installation=INSTALLATION), check=lambda *_: None)
    except LinesError:
        return False
    return walked.count == 1 and walked.roots[1] == merkle.leaf_hash(line)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    TEXT,
    st.lists(TEXT, max_size=3),
    TIMES,
    st.lists(st.tuples(TEXT, st.sampled_from(["a" * 64, "A" * 64, "a" * 63])), max_size=2),
)
@example('"', [], at(1), [])
@example("\\", ["\x7f"], at(1), [])
def test_it_takes_what_the_careful_one_takes(text, about, when, named):
    try:
        line = body(
            actor=text, about=about, at=when, documents=[{"name": name, "sha256": digest} for name, digest in named]
        )
    except canonical.CanonicalError:
        return

    assert quick(line) == (careful(line) is not None)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damaged_line_passes_that_the_careful_one_refuses(data):
    line = bytearray(body(documents=[{"name": "change", "sha256": "ab" * 32}], about=["incident:42", "a"]))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(line) - 1))
        line[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b" ", b'"', b"\\", b",", b"0", b"}", b"\xc3\xa9", b"\xff", b"\r", b"\0"])
        )
    found = careful(bytes(line))

    assert quick(bytes(line)) == (found is not None and found.installation == INSTALLATION and b"\n" not in line)


def test_the_tree_is_the_same_at_every_size_and_however_it_comes():
    bodies = [body(uid=f"{number:032x}") for number in range(1500)]
    data = b"".join(item + b"\n" for item in bodies)
    hashes = [merkle.leaf_hash(item) for item in bodies]
    sizes = (1, 2, 255, 256, 257, 511, 512, 1024, 1499, 1500)

    for step in (1000, 4096, 70_000, len(data)):
        chunks = [data[start : start + step] for start in range(0, len(data), step)]
        walked = walk(chunks, Wanted(installation=INSTALLATION, sizes=sizes), check=lambda *_: None)
        assert walked.roots == {size: merkle.root(hashes[:size]) for size in sizes}
        assert walked.sha256 == hashlib.sha256(data).hexdigest()
        assert (walked.count, walked.kept) == (1500, [])


@given(st.integers(0, 600), st.integers(0, 600))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_many_at_once_are_the_same_as_one_after_the_other(first, second):
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(first + second)]
    tree = merkle.CompactRange()
    tree.extend(hashes[:first])
    tree.extend(hashes[first:])

    assert (tree.size, tree.root()) == (first + second, merkle.root(hashes))


def test_what_matters_is_kept_with_its_place():
    bodies = [body(), body(verb="run.intended"), body(documents=[{"name": "change", "sha256": "ab" * 32}]), body()]
    data = b"".join(item + b"\n" for item in bodies)

    walked = walk([data], Wanted(installation=INSTALLATION, verbs=("run.intended",)), check=lambda *_: None)

    assert [(seq, found.verb) for seq, found in walked.kept] == [(1, "run.intended"), (2, "incident.opened")]


@pytest.mark.parametrize(
    "data",
    [b"x\n", b"\n", body(), b"\r" + body() + b"\n", body() + b"\n\n", body(installation="0b" * 16) + b"\n",
     b"A" * 200_000, body() + b" \n", body()[:-1] + b',"z":1}\n',
     body(about=["x" * 59_000]).replace(b"xxx", b"x" * 1_000, 1) + b"\n"],
)  # fmt: skip
def test_other_lines_are_refused(data):
    with pytest.raises(LinesError):
        walk([data], Wanted(installation=INSTALLATION), check=lambda *_: None)


def test_places_and_lines_must_be_as_many():
    data = body() + b"\n" + body() + b"\n"
    seen = []
    walk([data], Wanted(installation=INSTALLATION), places=[3, 9], check=lambda seq, _: seen.append(seq))

    assert seen == [3, 9]
    for places in ([3], [3, 9, 10]):
        with pytest.raises(LinesError, match="places"):
            walk([data], Wanted(installation=INSTALLATION), places=places, check=lambda *_: None)


def test_the_pattern_is_of_the_type_that_is_written():
    assert documents.ENTRY.encode() in lines.PLAIN.pattern
