"""Whatever an owner of the database changes, the examination names the place."""

import hashlib
import json
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection

from audit import keystore, ledger
from audit.models import Checkpoint, Document, Leaf, LogState
from audit.services.fsck import fsck
from audit.services.sequence import sequence
from proof import canonical, merkle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ten_records(note):
    """Records 0 to 9, with a checkpoint after 3, 6 and 10."""
    for number in range(10):
        digest = ledger.keep("text/plain", f"document {number}".encode())
        note(number, facts={"number": number}, about=[f"incident:{number}"], documents={"change": digest})
        if number in {2, 5}:
            sequence()
    sequence()


def entry_of(seq):
    return Leaf.objects.select_related("entry").get(pk=seq).entry


def first():
    report = fsck()
    assert not report.intact
    return report.findings[0]


def altered(entry, **changes):
    """The entry's body as a forger would write it."""
    return canonical.dumps({**canonical.loads(bytes(entry.body)), **changes})


def test_an_untouched_ledger_is_intact():
    report = fsck()

    assert report.intact, report.as_text()
    assert (report.size, report.checkpoint, report.pending, report.documents) == (10, 10, 0, 10)
    assert report.root == Checkpoint.objects.get(pk=10).root
    assert report.as_text().startswith("Intact: 10 records")


def test_an_empty_ledger_is_intact_and_gets_no_key(settings, tmp_path, as_owner):
    tables = ("audit_leaf", "audit_mention", "audit_entry", "audit_checkpoint", "audit_document", "audit_logstate")
    as_owner(*[f"DELETE FROM {table}" for table in tables])
    settings.DATA_DIR = tmp_path / "new"

    assert fsck().intact
    assert not keystore.exists("log")


def test_a_changed_body_is_found_with_its_neighbours_and_both_hashes(as_owner):
    entry = entry_of(7)
    body = altered(entry, verb="test.forged")
    as_owner(("UPDATE audit_entry SET body = %s, verb = 'test.forged' WHERE id = %s", [body, entry.pk]))

    finding = first()

    assert (finding.kind, finding.seq) == ("body", 7)
    assert finding.expected == bytes(Leaf.objects.get(pk=7).leaf_hash).hex()
    assert finding.found == hashlib.sha256(b"\x00" + body).hexdigest()
    assert finding.before.startswith("record 6, test.noted of test:6")
    assert finding.after.startswith("record 8, test.noted of test:8")


def test_a_forger_who_rewrites_the_leaf_too_is_caught_between_two_checkpoints(as_owner):
    entry = entry_of(4)
    body = altered(entry, verb="test.forged")
    as_owner(
        ("UPDATE audit_entry SET body = %s, verb = 'test.forged' WHERE id = %s", [body, entry.pk]),
        ("UPDATE audit_leaf SET leaf_hash = %s WHERE seq = 4", [merkle.leaf_hash(body)]),
    )

    finding = first()

    assert (finding.kind, finding.seq) == ("root", 3)
    assert "records 3 to 5" in finding.sentence
    assert finding.expected == Checkpoint.objects.get(pk=6).root


def test_a_forger_who_rewrites_the_whole_tree_is_caught_by_the_signature(as_owner):
    entry = entry_of(9)
    body = altered(entry, verb="test.forged")
    hashes = [*[bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")[:9]], merkle.leaf_hash(body)]
    root, tree = merkle.root(hashes).hex(), merkle.CompactRange()
    for item in hashes:
        tree.append(item)
    as_owner(
        ("UPDATE audit_entry SET body = %s, verb = 'test.forged' WHERE id = %s", [body, entry.pk]),
        ("UPDATE audit_leaf SET leaf_hash = %s WHERE seq = 9", [hashes[9]]),
        ("UPDATE audit_checkpoint SET root = %s WHERE size = 10", [root]),
        ("UPDATE audit_logstate SET compact_range = %s", [json.dumps(tree.to_hashes())]),
    )

    assert [finding.kind for finding in fsck().findings] == ["checkpoint-row", "root", "heads"]


def test_a_forger_who_also_drops_the_checkpoint_is_caught_by_the_signers_memory(as_owner):
    as_owner(
        ("UPDATE audit_leaf SET leaf_hash = %s WHERE seq = 9", [b"\x00" * 32]),
        "DELETE FROM audit_checkpoint WHERE size = 10",
    )

    assert "what the signer remembers" in next(f.sentence for f in fsck().findings if f.kind == "root")


def test_a_note_signed_by_another_key_is_found(as_owner):
    note = Checkpoint.objects.get(pk=6).note
    head, _, line = note.rpartition(" ")
    forged = f"{head} {line[:-6]}AAAA=\n" if not line.endswith("AAAA=\n") else f"{head} {line[:-6]}BBBB=\n"
    as_owner(("UPDATE audit_checkpoint SET note = %s WHERE size = 6", [forged]))

    assert first().kind == "checkpoint-signature"


def test_a_checkpoint_whose_second_line_was_taken_away_is_found(as_owner):
    stripped = "".join(Checkpoint.objects.get(pk=6).note.splitlines(keepends=True)[:-1])
    as_owner(("UPDATE audit_checkpoint SET note = %s WHERE size = 6", [stripped]))

    assert (first().kind, "ML-DSA-44" in first().sentence) == ("checkpoint-signature", True)


def test_a_signed_head_that_was_taken_out_is_missed(as_owner):
    as_owner("DELETE FROM audit_checkpoint WHERE size = 6")

    assert first().kind == "heads"


def test_a_guard_that_was_taken_down_is_missed():
    guard = "audit_leaf_no_delete" if connection.vendor == "sqlite" else "audit_leaf_no_change ON audit_leaf"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {guard}")
    found = [finding for finding in fsck().findings if finding.kind == "guard"]
    guards = import_module("audit.migrations.0002_guards")
    with connection.cursor() as cursor:
        for statement in guards.statements(connection.vendor):
            if f"TRIGGER {guard.partition(' ')[0]} " in statement:
                cursor.execute(statement)

    assert len(found) == 1
    assert "audit_leaf_no" in found[0].sentence


def test_a_removed_record_is_a_gap(as_owner):
    entry = entry_of(5)
    as_owner(
        "DELETE FROM audit_leaf WHERE seq = 5",
        ("DELETE FROM audit_mention WHERE entry_id = %s", [entry.pk]),
        ("DELETE FROM audit_entry WHERE id = %s", [entry.pk]),
    )

    finding = first()

    assert (finding.kind, finding.seq, finding.sentence) == ("gap", 5, "Record 5 is missing.")
    assert finding.before.startswith("record 4")
    assert finding.after.startswith("record 6")


def test_removed_last_records_are_missed(as_owner):
    as_owner("DELETE FROM audit_leaf WHERE seq >= 8")

    kinds = [finding.kind for finding in fsck().findings]

    assert kinds[0] == "missing"
    assert kinds.count("stray") == 2


def test_a_database_put_back_to_yesterday_is_noticed(as_owner):
    tree = merkle.CompactRange()
    for leaf in Leaf.objects.order_by("seq")[:6]:
        tree.append(bytes(leaf.leaf_hash))
    as_owner(
        "DELETE FROM audit_leaf WHERE seq >= 6",
        "DELETE FROM audit_mention WHERE entry_id > (SELECT entry_id FROM audit_leaf WHERE seq = 5)",
        "DELETE FROM audit_entry WHERE id > (SELECT entry_id FROM audit_leaf WHERE seq = 5)",
        "DELETE FROM audit_checkpoint WHERE size > 6",
        ("UPDATE audit_logstate SET size = 6, compact_range = %s", [json.dumps(tree.to_hashes())]),
    )

    finding = first()

    assert finding.kind == "rollback"
    assert "10 records were signed" in finding.sentence


@pytest.mark.parametrize(
    ("column", "value"),
    [("verb", "test.forged"), ("actor", "person:mallory"), ("subject", "test:99"), ("at", "2020-01-01 00:00:00+00:00")],
)
def test_a_changed_column_is_found(as_owner, column, value):
    as_owner((f"UPDATE audit_entry SET {column} = %s WHERE id = %s", [value, entry_of(3).pk]))

    assert (first().kind, first().seq) == ("columns", 3)


def test_changed_facts_are_found(as_owner):
    as_owner(("UPDATE audit_entry SET facts = %s WHERE id = %s", [b'{"number":99}', entry_of(2).pk]))

    assert (first().kind, first().seq) == ("facts", 2)


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM audit_mention WHERE entry_id = %s AND subject LIKE 'incident%%'",
        "UPDATE audit_mention SET subject = 'incident:99' WHERE entry_id = %s AND subject LIKE 'incident%%'",
        "INSERT INTO audit_mention (entry_id, subject) VALUES (%s, 'incident:99')",
    ],
)
def test_a_timeline_that_was_tampered_with_is_found(as_owner, deed):
    as_owner((deed, [entry_of(6).pk]))

    assert (first().kind, first().seq) == ("mentions", 6)


def test_a_changed_document_is_found(as_owner):
    digest = Document.objects.order_by("pk").first().pk
    as_owner(("UPDATE audit_document SET content = %s WHERE sha256 = %s", [b"forged", digest]))

    assert (first().kind, first().expected) == ("document", digest)


def test_a_removed_document_is_missed_by_the_record_that_names_it(as_owner):
    as_owner(("DELETE FROM audit_document WHERE sha256 = %s", [canonical.sha256(b"document 4")]))

    assert (first().kind, first().seq) == ("missing-document", 4)


def test_an_entry_hidden_from_the_sequencer_is_found(note):
    entry = note(11)
    entry.pending.delete()

    assert (first().kind, first().found) == ("stray", entry.uid)


def test_a_record_beyond_the_end_is_found(note):
    entry = note(11)
    Leaf.objects.create(seq=10, entry=entry, leaf_hash=merkle.leaf_hash(bytes(entry.body)))

    assert {finding.kind for finding in fsck().findings} == {"beyond", "twice"}


def test_a_forged_memory_of_the_sequencer_is_found():
    LogState.objects.update(compact_range=["00" * 32, "11" * 32])

    assert first().kind == "state"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"documents":[1,{"x":2}]}', b'{"documents":7}', b"\xff"])
def test_a_body_of_any_shape_is_named_not_stumbled_over(as_owner, body):
    as_owner(("UPDATE audit_entry SET body = %s WHERE id = %s", [body, entry_of(1).pk]))

    assert (first().kind, first().seq) == ("body", 1)


def test_entries_that_wait_are_no_difference(note):
    note(11)

    assert fsck().intact
    assert fsck().pending == 1


def test_the_command_exits_1_and_says_where(as_owner, capsys):
    call_command("audit", "fsck")
    assert "Intact" in capsys.readouterr().out

    as_owner(("UPDATE audit_entry SET facts = %s WHERE id = %s", [b"{}", entry_of(2).pk]))
    with pytest.raises(SystemExit, match="1"):
        call_command("audit", "fsck", "--json")

    report = json.loads(capsys.readouterr().out)
    assert report["intact"] is False
    assert report["findings"][0]["seq"] == 2


def test_the_examination_asks_as_often_however_many_records(django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        assert fsck().intact
