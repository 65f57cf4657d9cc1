"""The signer never signs a second truth, and says so until the first is back."""

import json
import shutil

import pytest

from audit import keystore, ledger, signer, tasks
from audit.errors import FencedError, RollbackError
from audit.models import Checkpoint, Leaf, LogState, Pending
from audit.selectors import leaf_hashes
from audit.services.fsck import fsck
from audit.services.sequence import sequence
from proof import checkpoint, merkle
from proof.note import COSIGNED_ML_DSA, ED25519

pytestmark = pytest.mark.django_db(transaction=True)


def recorded(note, *numbers):
    for number in numbers:
        note(number)
        sequence()


def test_a_smaller_tree_is_refused_and_the_record_becomes_read_only(note, put_back):
    recorded(note, 0, 1, 2)
    put_back(2)

    with pytest.raises(RollbackError, match="read-only until the newest copy of the database is restored"):
        sequence()
    with pytest.raises(RollbackError, match="2 records, but 3 were signed"):
        note(3)


def test_nothing_is_placed_on_a_tree_that_went_back(note, put_back):
    recorded(note, 0, 1, 2)
    put_back(2)
    note(3)
    note(4)

    with pytest.raises(RollbackError):
        sequence()

    assert Leaf.objects.count() == 2
    assert Pending.objects.count() == 2
    assert Checkpoint.objects.count() == 2


def test_another_tree_of_the_same_size_is_refused(note, put_back, tmp_path):
    recorded(note, 0, 1)
    early = tmp_path / "early"
    shutil.copytree(signer.heads_folder(), early)
    recorded(note, 2)
    late = tmp_path / "late"
    shutil.copytree(signer.heads_folder(), late)
    put_back(2)
    memory_is(early)
    recorded(note, 3)
    memory_is(late)

    with pytest.raises(RollbackError, match="not the 3 that were signed"):
        sequence()


def memory_is(folder):
    shutil.rmtree(signer.heads_folder())
    shutil.copytree(folder, signer.heads_folder(), dirs_exist_ok=True)


def test_a_tree_that_does_not_extend_the_signed_one_is_refused(note, as_owner):
    recorded(note, 0, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audit.services.sequence._seal", lambda: None)
        recorded(note, 2)
    forged = [b"\x00" * 32, *[bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")[1:3]]]
    tree = merkle.CompactRange()
    for item in forged:
        tree.append(item)
    as_owner(
        ("UPDATE audit_leaf SET leaf_hash = %s WHERE seq = 0", [forged[0]]),
        ("UPDATE audit_logstate SET compact_range = %s", [json.dumps(tree.to_hashes())]),
    )

    with pytest.raises(RollbackError, match="first 2 records are not those that were signed"):
        sequence()
    assert not Checkpoint.objects.filter(pk=3).exists()


def test_when_the_newest_copy_is_back_it_goes_on(note, tmp_path):
    recorded(note, 0)
    shutil.copytree(keystore.folder(), tmp_path / "older")
    recorded(note, 1)
    signer.stop("put back")
    with pytest.raises(RollbackError):
        note(2)

    sequence()
    recorded(note, 2)

    assert Checkpoint.objects.filter(pk=3).exists()


def test_the_task_reports_and_does_not_die(note, put_back, caplog):
    recorded(note, 0, 1)
    put_back(1)
    tasks.sequence()

    assert "ledger not sequenced" in caplog.text
    assert signer.stopped().startswith("The database holds 1 records")


def test_a_damaged_memory_is_not_taken_for_an_empty_one(note):
    recorded(note, 0)
    newest = max(signer.heads_folder().iterdir())
    newest.write_bytes(b"{}")
    note(1)

    with pytest.raises(RollbackError, match="does not hold what the signer wrote"):
        sequence()


def test_keys_of_another_installation_are_refused(note, settings, tmp_path):
    recorded(note, 0)
    settings.DATA_DIR = tmp_path / "other"
    note(1)

    with pytest.raises(RollbackError, match="The database belongs to"):
        sequence()
    assert LogState.objects.get().size == 1


def test_signing_the_same_head_again_states_the_same(note):
    recorded(note, 0)
    again = signer.sign_again(signer.last_head())
    keys, first = keystore.log_verifiers(), Checkpoint.objects.get().note

    assert checkpoint.verify(again, keys) == checkpoint.verify(first, keys)
    assert ledger.timeline("test:0")[0].seq == 0


def test_a_checkpoint_bears_a_line_of_each_of_the_logs_keys(note):
    recorded(note, 0)

    opened = checkpoint.open_signed(Checkpoint.objects.get().note, keystore.log_verifiers())

    assert [key.kind for key in opened.note.signers] == [ED25519, COSIGNED_ML_DSA]


def test_of_two_signers_that_go_on_from_the_same_head_one_signs(note):
    recorded(note, 0)
    stale = signer.last_head()
    recorded(note, 1, 2)
    before = sorted(path.name for path in signer.heads_folder().iterdir())

    with pytest.raises(FencedError):
        signer.sign(stale, signer.reach(stale, 3, proof_root(3), leaf_hashes))
    assert sorted(path.name for path in signer.heads_folder().iterdir()) == before


def test_a_signer_that_slept_through_many_heads_signs_nothing(note):
    recorded(note, 0)
    stale = signer.last_head()
    recorded(note, 1, 2, 3, 4, 5)

    with pytest.raises(FencedError):
        signer.sign(stale, signer.reach(stale, 6, proof_root(6), leaf_hashes))
    assert signer.last_head().size == 6


def test_a_signer_whose_head_was_taken_and_cleared_away_under_its_hands_signs_nothing(note, monkeypatch):
    recorded(note, 0)
    stale = signer.last_head()
    note(1)

    def cleared_away(draft, path):
        raise FileExistsError(path)  # it was there a moment ago

    monkeypatch.setattr("audit.keystore.os.link", cleared_away)
    with pytest.raises(FencedError):
        signer.sign(stale, stale.tree())


def proof_root(size):
    return merkle.root(leaf_hashes(0, size)).hex()


def test_few_heads_are_kept(note):
    recorded(note, *range(8))

    assert len(list(signer.heads_folder().iterdir())) == signer.KEPT_GENERATIONS


def test_many_who_sign_at_once_sign_one_line_of_heads(note, in_threads, assert_whole):
    def write_and_sequence():
        for number in range(5):
            note(number)
            sequence()

    in_threads(*[write_and_sequence] * 4)
    sequence()

    assert_whole(20)
    for row in Checkpoint.objects.all():
        assert row.root == proof_root(row.size)


def test_a_head_whose_signer_died_before_it_was_written_down_is_written_down_later(note, monkeypatch):
    recorded(note, 0)
    note(1)
    with monkeypatch.context() as patch:
        patch.setattr("audit.services.sequence.publish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sequence()
    recorded(note, 2)

    assert [row.size for row in Checkpoint.objects.order_by("size")] == [1, 2, 3]
    assert fsck().intact
