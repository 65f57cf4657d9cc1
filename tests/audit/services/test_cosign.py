"""Witnesses as they really run, asked by the console: what they sign is kept, and what they know is heeded."""

import shutil

import pytest
from django.db import transaction

from audit import keystore, ledger, signer
from audit.errors import RollbackError
from audit.models import Checkpoint, Cosignature, Leaf, LogState, Tile
from audit.selectors import cosigned_head, latest_checkpoint
from audit.services.cosign import cosign
from audit.services.recover import recover
from audit.services.sequence import sequence
from core.actors import SYSTEM
from proof import checkpoint, merkle, note
from tests.audit.witness.logs import Program

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def witness(tmp_path, settings):
    keys = [str(key) for key in keystore.log_verifiers()]
    with Program(tmp_path / "w", *keys) as program:
        ask(settings, program)
        yield program


def ask(settings, *programs):
    settings.WITNESSES = ", ".join(
        f"http://127.0.0.1:{program.port} {' '.join(str(key) for key in program.keys)}" for program in programs
    )


@pytest.fixture
def grow(note):
    """Append so many records and sign the head."""

    def more(count):
        for _ in range(count):
            note()
        sequence()

    return more


def test_each_head_gets_the_lines_of_the_witness_once(witness, grow):
    grow(3)
    assert cosign() == 2
    assert cosign() == 0
    grow(4)
    assert cosign() == 2

    head = cosigned_head()
    opened = checkpoint.open_signed(head.note, [*keystore.log_verifiers(), *witness.keys])
    assert opened.head.size == head.size == Leaf.objects.count()
    assert len(opened.note.signers) == 4
    assert {row.stated_at.timestamp() for row in Cosignature.objects.all()} >= {float(max(opened.note.times))}
    assert signer.stopped() == ""


def test_a_witness_that_is_away_holds_nothing_up(grow, settings, tmp_path, caplog):
    settings.WITNESSES = f"http://127.0.0.1:9 {vkey_of('away')}"
    grow(3)

    assert cosign() == 0
    assert latest_checkpoint().size == 3
    assert signer.stopped() == ""


def vkey_of(name):
    return note.verifier_key(name, keystore.private("log").public_key(), note.COSIGNED_ED25519)


def test_a_witness_that_knows_more_than_one_told_it_is_caught_up_with(witness, grow):
    """The lines were lost on their way: the witness tells its size, and the next proof starts there."""
    grow(3)
    witness.ask("POST", "/add-checkpoint", f"old 0\n\n{latest_checkpoint().note}")
    grow(3)

    assert cosign() == 2
    assert signer.stopped() == ""


def test_lines_by_another_key_are_not_kept(witness, grow, settings):
    settings.WITNESSES = f"http://127.0.0.1:{witness.port} {vkey_of('witness.example/w1')}"
    grow(2)

    assert cosign() == 0
    assert not Cosignature.objects.exists()


def roll_back(size, as_owner):
    """What restoring yesterday's copy of the whole data folder does: database and signer's memory are of one mind."""
    log = LogState.objects.get(pk=1)
    tree = merkle.CompactRange()
    for leaf in Leaf.objects.filter(seq__lt=size).order_by("seq"):
        tree.append(bytes(leaf.leaf_hash))
    as_owner(
        ("DELETE FROM audit_cosignature WHERE checkpoint_id > %s", [size]),
        ("DELETE FROM audit_checkpoint WHERE size > %s", [size]),
        ("DELETE FROM audit_leaf WHERE seq >= %s", [size]),
        "DELETE FROM audit_mention WHERE entry_id NOT IN (SELECT entry_id FROM audit_leaf)",
        "DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_leaf)",
    )
    log.size, log.compact_range = tree.size, tree.to_hashes()
    log.save()
    Tile.objects.all().delete()
    shutil.rmtree(signer.heads_folder())


def append():
    with transaction.atomic():
        ledger.append(actor=SYSTEM, verb="test.noted", subject="test:1")


def test_a_whole_data_folder_put_back_to_yesterday_is_refused_and_shown(witness, grow, as_owner):
    grow(3)
    cosign()
    grow(3)
    cosign()
    roll_back(3, as_owner)
    sequence()
    assert signer.stopped() == "", "nobody here can know"

    cosign()

    assert "holds a head of 6 records" in signer.stopped()
    with pytest.raises(RollbackError, match="newest copy is restored"):
        append()
    with pytest.raises(RollbackError, match="newest copy is restored"):
        sequence()
    assert "6 records" in signer.stopped(), "sequencing does not take it away"


def test_a_rewritten_record_is_refused_and_shown(witness, grow, as_owner):
    grow(4)
    cosign()
    roll_back(2, as_owner)
    grow(3)

    cosign()

    assert "have another root" in signer.stopped()
    with pytest.raises(RollbackError):
        append()


def test_when_the_newest_copy_is_back_it_goes_on(witness, grow, as_owner):
    grow(3)
    cosign()
    signer.contradict("for a test")

    assert cosign() == 0
    assert signer.stopped() == ""
    append()


def test_a_refusal_without_a_head_of_ours_stops_nothing(grow, settings, tmp_path):
    """Somebody else's log under our origin: the witness is wrong or lies, and the console goes on."""
    from tests.audit.witness.logs import Log

    impostor = Log(key="impostor", origin=keystore.origin()).grow(9)
    with Program(tmp_path / "liar", impostor.vkey) as program:
        program.submit(impostor, 0)
        ask(settings, program)
        grow(2)

        assert cosign() == 0
        assert signer.stopped() == ""


def test_a_spoiled_cache_of_tiles_heals(witness, grow):
    grow(300)
    cosign()
    from audit import tiles

    tiles.hash_tile(1, 0, 1, 300)
    Tile.objects.update(hashes=bytes(32))
    grow(3)

    cosign()
    assert signer.stopped() == ""
    assert cosign() == 2
    assert Checkpoint.objects.latest("size").cosignatures.count() == 2


def test_a_loss_that_stands_in_the_record_is_no_contradiction(witness, grow, as_owner):
    """The database is lost behind what was signed and witnessed, and an operator goes on: the witness signs no more."""
    grow(3)
    cosign()
    grow(3)
    cosign()
    heads = {path: path.read_bytes() for path in signer.heads_folder().iterdir()}
    roll_back(4, as_owner)
    for path, content in heads.items():
        signer.heads_folder().joinpath(path.name).write_bytes(content)
    with pytest.raises(RollbackError):
        sequence()

    recover(reason="The disk died.", actor=SYSTEM)
    sequence()
    assert cosign() == 0

    assert signer.stopped() == ""
    append()
