"""After a loss the record goes on, says what was lost, and never states two roots for one size."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit import keystore, signer
from audit.errors import RollbackError
from audit.models import Checkpoint, Leaf, LogState
from audit.selectors import facts_of
from audit.services.fsck import fsck
from audit.services.recover import recover
from audit.services.sequence import sequence
from core.actors import SYSTEM
from core.errors import BadInputError, WrongStateError
from proof import checkpoint, merkle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lagging(note, put_back):
    """Eight records were signed; the database that is left holds five."""
    for number in range(8):
        note(number)
        sequence()
    signed = signer.last_head()
    put_back(5)
    with pytest.raises(RollbackError):
        sequence()
    return signed


def again():
    return recover(reason="The disk of the primary is lost.", actor=SYSTEM)


def test_the_lost_numbers_are_filled_and_named(lagging, assert_whole):
    done = again()

    assert (done.first, done.size, done.root) == (5, 8, lagging.root)
    assert [leaf.entry.verb for leaf in Leaf.objects.order_by("seq")[5:]] == ["ledger.lost"] * 3 + ["ledger.recovered"]
    facts = facts_of(Leaf.objects.get(pk=8).entry)
    assert (facts["lost_from"], facts["lost_to"], facts["root"]) == (5, 8, lagging.root)
    assert facts["reason"] == "The disk of the primary is lost."
    assert_whole(9)


def test_no_size_is_signed_twice_and_the_break_shows(lagging, note):
    lost = {row.size: row.root for row in Checkpoint.objects.all()} | {lagging.size: lagging.root}
    again()
    note(99)
    sequence()

    sizes = [row.size for row in Checkpoint.objects.order_by("size")]
    assert sizes == [1, 2, 3, 4, 5, 9, 10]
    hashes = [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")]
    assert merkle.root(hashes[:5]).hex() == lost[5]
    proof = merkle.consistency_proof(8, hashes[:9])
    new = checkpoint.verify(Checkpoint.objects.get(pk=9).note, keystore.log_verifiers())
    old = bytes.fromhex(lagging.root)
    assert not merkle.verify_consistency(8, 9, old_root=old, new_root=new.root, proof=proof)


def test_the_record_is_whole_afterwards_and_says_what_was_lost(lagging, note):
    again()
    note(99)
    sequence()
    report = fsck()

    assert report.intact, report.as_text()
    assert f"LOST: records 5 to 7 are not what was signed under the root {lagging.root}" in report.as_text()


@pytest.mark.usefixtures("lagging")
def test_what_waited_comes_after_the_break(as_owner):
    as_owner(
        "DELETE FROM audit_leaf WHERE seq = 4",
        "INSERT INTO audit_pending (entry_id, priority) SELECT max(id), 0 FROM audit_entry",
    )
    put_log_to(4)
    as_owner("DELETE FROM audit_checkpoint WHERE size = 5")
    again()
    sequence()

    assert Leaf.objects.get(pk=9).entry.subject == "test:4"
    assert fsck().intact


def put_log_to(size):
    tree = merkle.CompactRange()
    for leaf in Leaf.objects.order_by("seq")[:size]:
        tree.append(bytes(leaf.leaf_hash))
    LogState.objects.update(size=size, compact_range=tree.to_hashes())


@pytest.mark.parametrize("where", ["audit.signer.go_past", "audit.services.recover.publish"])
def test_an_interrupted_recovery_is_finished_by_the_next(lagging, monkeypatch, where):
    with monkeypatch.context() as patch:
        patch.setattr(where, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            again()
    if where == "audit.signer.go_past":
        with pytest.raises(RollbackError):
            sequence()
        assert again().size == 8
    else:
        sequence()

    assert Leaf.objects.count() == 9
    assert [row.size for row in Checkpoint.objects.filter(size__gt=5)] == [9]
    assert fsck().intact


def test_nothing_is_recovered_where_nothing_is_lost(note):
    note()
    sequence()

    with pytest.raises(WrongStateError, match="Nothing is lost"):
        again()


@pytest.mark.usefixtures("lagging")
def test_a_copy_that_is_not_whole_is_not_gone_on_with(as_owner):
    as_owner("UPDATE audit_entry SET verb = 'test.forged' WHERE subject = 'test:2'")

    with pytest.raises(WrongStateError, match="Record 2 was changed"):
        again()
    assert Leaf.objects.count() == 5


@pytest.mark.usefixtures("lagging")
@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(reason):
    with pytest.raises(BadInputError):
        recover(reason=reason, actor=SYSTEM)


@pytest.mark.usefixtures("lagging")
def test_the_command_asks_for_a_yes_and_a_reason(capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("ledger", "recover")
    assert "The signer signed 8 records" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Give a reason"):
        call_command("ledger", "recover", "--yes")
    assert Leaf.objects.count() == 5

    call_command("ledger", "recover", "--yes", "--reason", "lost")
    assert "Records 5 to 7 are lost" in capsys.readouterr().out
    assert Leaf.objects.count() == 9


def test_going_past_a_head_needs_a_larger_tree(lagging):
    with pytest.raises(RollbackError, match="Only a larger tree"):
        signer.go_past(lagging, merkle.CompactRange(), [])
