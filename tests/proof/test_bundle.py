import io
import tarfile

import pytest

from proof import archive
from proof.archive import ArchiveError
from proof.bundle import ChangeRecord, Pinned, verify
from tests.proof.cast import ROOT, at, service_key
from tests.proof.exports import (
    LOG_KEY,
    PINNED,
    contents,
    entry,
    packed,
    selection,
    signed_policy,
    story,
)
from tests.proof.factory import (
    change,
    root_key,
    root_of,
    service_entry,
    signed_registry,
)


def test_an_honest_export_is_intact():
    report = verify(packed(contents()), PINNED)

    assert (report.exit_code, report.findings, report.gaps) == (0, [], [])
    assert [item.state for item in report.changes] == ["GRANTED"]
    assert report.as_text().startswith("INTACT: root ")
    assert report.as_json()["assurance"] == {"executor": "in-process", "witnesses": 0}


def test_without_keys_from_elsewhere_the_author_is_not_identified():
    report = verify(packed(contents()))

    assert report.exit_code == 0
    assert report.as_text().startswith("INTACT, AUTHOR NOT IDENTIFIED: root ")
    assert len(report.as_text().splitlines()[0].split("root ")[1].split()) == 12
    assert report.as_json()["trust"] == "self"


def test_a_forger_with_keys_of_their_own_passes_only_without_pinned_keys():
    root, log = service_key("forged root"), service_key("forged log")
    registry = signed_registry(root, root=root_of(root_key(root)), services=[service_entry("log", log)])
    forged = packed(contents(log=log, registry=[registry], policies=[signed_policy(root)]), log)

    assert verify(forged).exit_code == 0
    assert verify(forged, PINNED).exit_code == 1


def test_another_log_than_the_pinned_one_is_refused():
    other = Pinned(root_public=PINNED.root_public, log=(LOG_KEY.replace("countersign", "counterfoil"),))

    assert "not the one that is pinned" in verify(packed(contents()), other).findings[0]


def test_every_flipped_byte_is_seen():
    small = contents(
        ([entry(0, "incident.opened", at(5))], [], ChangeRecord(digest="00" * 32, sidecars=(), ran=False)),
        changes=[], policies=[], registry=[signed_registry(persons=[])],
    )  # fmt: skip
    data = packed(small)
    assert verify(data).exit_code == 0

    for offset in range(len(data)):
        flipped = bytearray(data)
        flipped[offset] ^= 1 << offset % 8
        report = verify(bytes(flipped))
        assert report.exit_code == 1, offset
        assert report.findings[0]


def test_every_cut_and_every_addition_is_seen():
    data = packed(contents())

    for damaged in (data + bytes(512), data + b"\0", data[:-1], data[:-512], data[:-1024], data[:700], b""):
        assert verify(damaged).exit_code == 1


def test_a_flipped_byte_is_named():
    whole = contents()
    data = bytearray(packed(whole))
    data[data.index(whole.checkpoint.encode())] ^= 1

    assert "checkpoint is not the file" in verify(bytes(data)).findings[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda tar: add(tar, "link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        lambda tar: add(tar, "hard", type=tarfile.LNKTYPE, linkname="manifest.json"),
        lambda tar: add(tar, "folder", type=tarfile.DIRTYPE),
        lambda tar: add(tar, "../escape"),
        lambda tar: add(tar, "/absolute"),
        lambda tar: add(tar, "a/../b"),
        lambda tar: add(tar, "executable", mode=0o755),
        lambda tar: add(tar, "dated", mtime=1),
        lambda tar: add(tar, "owned", uid=1),
        lambda tar: add(tar, "named", uname="root"),
        lambda tar: add(tar, "n" * 101),
        lambda tar: (add(tar, "twice"), add(tar, "twice")),
    ],
)
def test_archives_in_any_other_form_are_refused(make):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        try:
            make(tar)
        except ValueError:  # the standard library cannot even write it
            return

    for data in (stream.getvalue(), stream.getvalue().rstrip(b"\0") + bytes(512 * 4)):
        with pytest.raises(ArchiveError):
            archive.read(data)


def add(tar, name, **changes):
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    for field, value in changes.items():
        setattr(info, field, value)
    tar.addfile(info)


def test_our_archives_are_plain_tar_for_others():
    members = {"manifest.json": b"{}", "documents/" + "a" * 64: b"x" * 512, "empty": b""}

    with tarfile.open(fileobj=io.BytesIO(archive.write(members))) as tar:
        assert {info.name: tar.extractfile(info).read() for info in tar} == members
    assert archive.read(archive.write(members)) == members


def test_names_and_sizes_that_cannot_be_read_back_are_not_written(monkeypatch):
    for name in ("../x", "/x", "a//b", "", "x" * 101, "ä", ".hidden"):
        with pytest.raises(ArchiveError):
            archive.write({name: b""})
    monkeypatch.setattr(archive, "MAX_MEMBER", 1)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(ArchiveError):
        archive.write({"a": b"xx"})
    with pytest.raises(ArchiveError):
        archive.write({"a": b"", "b": b""})


def test_a_selection_says_that_it_is_one():
    report = verify(packed(selection()), PINNED)

    assert report.exit_code == 0
    assert "does not show that nothing was left out" in report.as_text()


def test_a_selection_with_an_entry_of_another_tree_is_not_intact():
    other = selection(story(ran_at=at(11)))

    assert verify(packed(selection(proofs=other.proofs)), PINNED).exit_code == 1
    assert verify(packed(selection(proofs={})), PINNED).exit_code == 1
    whole = selection()
    assert verify(packed(selection(entries=whole.entries[::-1])), PINNED).exit_code == 1


def test_a_complete_export_with_an_entry_left_out_is_not_intact():
    whole = contents()

    assert "does not hold" in verify(packed(contents(entries=whole.entries[:-1])), PINNED).findings[0]
    assert verify(packed(contents(entries=whole.entries[1:], first=1)), PINNED).exit_code == 1
    renumbered = list(enumerate(body for _, body in whole.entries[1:]))
    assert verify(packed(contents(entries=renumbered, last=2)), PINNED).exit_code == 1


def test_a_rewritten_entry_is_seen():
    whole = contents()
    rewritten = [*whole.entries[:-1], (2, whole.entries[2][1].replace(b"executor", b"executer"))]

    assert "do not make the head" in verify(packed(contents(entries=rewritten)), PINNED).findings[0]


def test_facts_that_are_not_those_committed_to_are_seen_and_missing_ones_told():
    assert "committed to" in verify(packed(contents(facts={"00" * 16: (b"{}", b"s" * 16)})), PINNED).findings[0]
    assert "committed to" in verify(packed(contents(facts={"ff" * 16: (b"{}", b"s" * 16)})), PINNED).findings[0]
    report = verify(packed(contents(facts={})), PINNED)
    assert (report.exit_code, "facts of 5 entries" in report.as_text()) == (0, True)


def test_a_manifest_signed_by_somebody_else_is_refused():
    assert "manifest.sig" in verify(packed(contents(), ROOT), PINNED).findings[0]


def test_a_checkpoint_signed_by_somebody_else_is_refused():
    assert "checkpoint" in verify(packed(contents(log=ROOT)), PINNED).findings[0]


def test_members_beside_those_listed_are_refused():
    _, members = unpack_all(packed(contents()))

    assert verify(archive.write({**members, "extra": b""}), PINNED).exit_code == 1
    del members["VERIFY.md"]
    assert verify(archive.write(members), PINNED).exit_code == 1


def unpack_all(data):
    from proof.contents import unpack

    return unpack(data)


def test_the_text_of_the_report_cannot_steer_a_terminal():
    mischief = change(intent="All is well.\u001b[2J\nINTACT")

    text = verify(packed(contents(story(mischief))), PINNED).as_text()

    assert "\u001b" not in text
    assert "\nINTACT" not in text
