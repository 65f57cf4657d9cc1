"""A superuser takes the guards down and changes what was written: each deed is found, and the limit is shown."""

import shutil

import pytest

from tests.audit.clusters import PROGRAMS, Installation, postgres

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.skipif(not PROGRAMS.name, reason="PostgreSQL is not installed here"),
]

TABLES = ("entry", "mention", "leaf", "checkpoint", "document")
OFF = [f"ALTER TABLE audit_{table} DISABLE TRIGGER USER" for table in TABLES]
ON = [
    f"ALTER TABLE audit_{table} ENABLE ALWAYS TRIGGER audit_{table}_{kind}"
    for table in TABLES
    for kind in ("no_change", "no_truncate")
]
WRITE = """
for number in range(6):
    with transaction.atomic():
        digest = ledger.keep("text/plain", f"document {number}".encode())
        ledger.append(actor=SYSTEM, verb="test.noted", subject=f"test:{number}", facts={"number": number},
                      about=[f"incident:{number}"], documents={"change": digest})
    if number in (1, 3):
        sequence()
sequence()
"""
ENTRY = "(SELECT entry_id FROM audit_leaf WHERE seq = 3)"


@pytest.fixture(scope="module")
def server():
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def template(server, tmp_path_factory):
    console = Installation(tmp_path_factory.mktemp("data"), server)
    console.migrate().run(WRITE)
    assert console.manage("audit", "fsck")[0] == 0
    shutil.copytree(console.data, console.data.with_name("keys of the dump"))
    return console, console.dump()


@pytest.fixture
def written(template):
    console, dump = template
    shutil.rmtree(console.data)
    shutil.copytree(console.data.with_name("keys of the dump"), console.data)
    console.restore(dump)
    return console


def found(console):
    code, said = console.manage("audit", "fsck")
    assert code == 1, said
    return said


DEEDS = {
    "an entry is edited": (
        [f"UPDATE audit_entry SET subject = 'test:99' WHERE id = {ENTRY}"],
        "Record 3 was changed",
    ),
    "an entry's body is edited": (
        [f"UPDATE audit_entry SET body = body || ' '::bytea WHERE id = {ENTRY}"],
        "Record 3 was changed: its body is not the one that was hashed",
    ),
    "an entry is deleted with all that hangs on it": (
        [
            f"CREATE TEMP TABLE gone AS SELECT entry_id FROM audit_leaf WHERE entry_id = {ENTRY}",
            "DELETE FROM audit_mention WHERE entry_id IN (TABLE gone)",
            "DELETE FROM audit_leaf WHERE entry_id IN (TABLE gone)",
            "DELETE FROM audit_entry WHERE id IN (TABLE gone)",
        ],
        "Record 3 is missing",
    ),
    "a mention is deleted": (
        [f"DELETE FROM audit_mention WHERE entry_id = {ENTRY} AND subject LIKE 'incident%'"],
        "Record 3 was changed: it is listed under other subjects",
    ),
    "a mention is edited": (
        [f"UPDATE audit_mention SET subject = 'incident:99' WHERE entry_id = {ENTRY} AND subject LIKE 'incident%'"],
        "Record 3 was changed: it is listed under other subjects",
    ),
    "a leaf is edited": (
        ["UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE seq = 3"],
        "Record 3 was changed: its body is not the one that was hashed",
    ),
    "a leaf is deleted": (["DELETE FROM audit_leaf WHERE seq = 3"], "Record 3 is missing"),
    "the last leaf is deleted, and the count set back": (
        ["DELETE FROM audit_leaf WHERE seq = 5", "UPDATE audit_logstate SET size = 5"],
        "it went back in time",
    ),
    "a checkpoint is deleted": (["DELETE FROM audit_checkpoint WHERE size = 4"], "one is missing, changed or more"),
    "a checkpoint is edited": (
        ["UPDATE audit_checkpoint SET note = replace(note, E'\\n4\\n', E'\\n5\\n') WHERE size = 4"],
        "The checkpoint of size 4 is not what was signed",
    ),
    "a checkpoint is given another root": (
        ["UPDATE audit_checkpoint SET root = repeat('0', 64) WHERE size = 4"],
        "says something else than its signed note",
    ),
    "a document is edited": (
        ["UPDATE audit_document SET content = 'forged' WHERE content = 'document 3'"],
        "(text/plain) was changed",
    ),
    "a document is deleted": (
        ["DELETE FROM audit_document WHERE content = 'document 3'"],
        "it names a document that is not kept",
    ),
    "facts are edited": (
        [f"UPDATE audit_entry SET facts = '{{}}' WHERE id = {ENTRY}"],
        "Record 3 was changed: its facts are not those it commits to",
    ),
    "facts are erased without an order": (
        [f"UPDATE audit_entry SET facts = '', facts_salt = '' WHERE id = {ENTRY}"],
        "Record 3 was changed: its facts",
    ),
    "a record is added at the end": (
        ["INSERT INTO audit_leaf (seq, entry_id, leaf_hash) SELECT 6, max(id) + 1, sha256('x') FROM audit_entry"],
        "beyond the end of the tree",
    ),
    "a pending entry is hidden": (
        [
            (
                "INSERT INTO audit_entry (uid, at, actor, verb, subject, body, facts, facts_salt)"
                " SELECT 'x', at, actor, verb, subject, body, facts, facts_salt FROM audit_entry LIMIT 1"
            )
        ],
        "has no place and waits for none",
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_found(written, deed):
    statements, sentence = DEEDS[deed]
    guarded = written.psql(*statements)
    if not deed.startswith(("a pending entry", "a record is added")):
        assert "append-only" in guarded.stderr, "with the guards up it does not even succeed"

    constraints = "SET session_replication_role = replica"  # switches foreign keys off, the guards stay: ALWAYS
    if guarded.returncode:
        written.sql(constraints, *OFF, *statements, *ON)

    assert sentence in found(written)


def test_guards_that_stay_down_are_found(written):
    written.sql(*OFF)
    assert "The guard audit_entry_no_change is gone or switched off" in found(written)

    written.sql(*ON, "ALTER TABLE audit_leaf ENABLE TRIGGER audit_leaf_no_change")
    assert "The guard audit_leaf_no_change is gone" in found(written), "not ALWAYS is not enough"

    written.sql("DROP TRIGGER audit_leaf_no_change ON audit_leaf")
    assert "The guard audit_leaf_no_change is gone" in found(written)


def test_yesterdays_database_is_refused_by_the_signer_and_found(written, template):
    _, dump = template
    written.run("for n in range(3): note(100 + n)\nsequence()")
    written.restore(dump)

    assert "holds 6 records, but 9 were signed" in written.run("note(1); sequence()", fails=True)
    assert "it went back in time" in found(written)
    assert written.run("print(Pending.objects.count(), LogState.objects.get().size)").split() == ["1", "6"]


def test_what_was_removed_before_its_first_signed_head_is_not_found(server, tmp_path):
    """The limit, said in the threat model: what nobody signed and nobody saw can be taken back."""
    console = Installation(tmp_path / "data", server)
    console.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    console.migrate().run("note(1); sequence(); note(2)")
    last = "(SELECT max(id) FROM audit_entry)"
    console.sql(
        *OFF,
        "DELETE FROM audit_pending",
        f"DELETE FROM audit_mention WHERE entry_id = {last}",
        f"DELETE FROM audit_entry WHERE id = {last}",
        *ON,
    )

    assert console.manage("audit", "fsck")[0] == 0
    console.run("note(3); sequence()")
    assert console.manage("audit", "fsck")[0] == 0
