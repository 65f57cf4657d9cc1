"""What the audit page hands a browser to check by itself: right proofs, to those who may read, and no judgement."""

import base64
import json

import pytest
from django.db import connection

from audit import keystore
from audit import selectors as audit
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from proof import checkpoint, merkle
from proof.documents.entry import commitment
from tests.console import world

pytestmark = pytest.mark.django_db
PATHS = (
    "/audit/head/",
    "/audit/records/?from=0",
    "/audit/records/0/?size=1",
    "/audit/consistency/?from=1&to=2",
    "/audit/tree/?size=1",
)


@pytest.fixture
def log(cast, lab):
    for number in range(23):
        world.say(SYSTEM, "source.added", f"source:s{number}")
        if number % 5 == 0:
            sequence_all()
    sequence_all()
    return audit.latest_checkpoint().size


def ask(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def leaf_of(stored):
    return merkle.leaf_hash(base64.b64decode(stored["body"]))


def test_every_record_is_proven_under_every_head(as_, log):
    client = as_("dan")
    head = checkpoint.verify(ask(client, "/audit/head/")["note"], keystore.log_verifiers())
    assert head.size == log
    for seq in range(log):
        stored = ask(client, f"/audit/records/{seq}/?size={log}")
        path = [bytes.fromhex(item) for item in stored["path"]]
        assert merkle.verify_inclusion(seq, log, leaf_of(stored), path, head.root)


def test_a_record_comes_with_its_facts_and_what_is_shown_of_it(as_, log):
    stored = ask(as_("dan"), f"/audit/records/{log - 1}/?size={log}")
    body = json.loads(base64.b64decode(stored["body"]))
    facts = commitment(bytes.fromhex(stored["salt"]), base64.b64decode(stored["facts"]))
    assert body["facts_commitment"] == facts
    assert stored["shown"] == {name: body[name] for name in ("uid", "at", "actor", "verb", "subject")}


def test_a_later_head_is_proven_to_begin_with_an_earlier(as_, log):
    client = as_("dan")
    leaves = list(audit.leaf_hashes(0, log))
    for old in range(1, log + 1):
        path = [bytes.fromhex(item) for item in ask(client, f"/audit/consistency/?from={old}&to={log}")["path"]]
        roots = {"old_root": merkle.root(leaves[:old]), "new_root": merkle.root(leaves)}
        assert merkle.verify_consistency(old, log, proof=path, **roots)


def test_a_batch_holds_the_records_in_order_and_the_signed_heads_among_them(as_, log):
    found = ask(as_("dan"), "/audit/records/?from=3&heads")
    assert [one["seq"] for one in found["records"]] == list(range(3, log))
    sizes = [one["size"] for one in found["heads"]]
    assert sizes == sorted(set(sizes))
    assert sizes[0] > 3
    assert sizes[-1] == log


def test_the_tree_at_a_size_is_that_of_its_records(as_, log):
    tree = ask(as_("dan"), "/audit/tree/?size=11")
    leaves = list(audit.leaf_hashes(0, 11))
    assert merkle.CompactRange.from_hashes(11, tree["hashes"]).root() == merkle.root(leaves)


def test_over_a_gap_no_proof_is_made_up(as_, log):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("ALTER TABLE audit_leaf DISABLE TRIGGER ALL")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("DELETE FROM audit_leaf WHERE seq = 4")
    client = as_("dan")
    assert ask(client, f"/audit/records/2/?size={log}")["path"] == []
    assert client.get(f"/audit/consistency/?from=3&to={log}").status_code == 400
    assert client.get("/audit/tree/?size=9").status_code == 400


def test_they_are_for_those_who_may_read_the_trail(as_, log):
    for path in PATHS:
        assert as_("vera").get(path).status_code == 200, path
        assert as_("mallory").get(path).status_code == 403, path


@pytest.mark.parametrize("size", ["", "x", "-1", "9" * 30, "²"])
def test_what_is_no_number_is_told(as_, log, size):
    assert as_("dan").get("/audit/records/0/", {"size": size}).status_code == 400


def test_a_record_that_is_not_there_is_not_found(as_, log):
    assert as_("dan").get(f"/audit/records/{10**20}/?size=1").status_code == 404
