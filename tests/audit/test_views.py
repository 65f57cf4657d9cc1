"""The log over HTTP, to those who may read it."""

import pytest
from django.test import Client

from audit import keystore
from audit.services.sequence import sequence
from core.actors import SYSTEM
from people.services.add_token import add_token
from proof import checkpoint, merkle, note, tlog
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(note):
    """A token with the scope and nothing else, in an installation with some records."""
    world.cast()
    token = add_token("ben", ["ledger:read"], actor=SYSTEM)
    for number in range(5):
        note(number, facts={"name": f"secret {number}"})
    sequence()
    return Client(headers={"authorization": f"Bearer {token}", "accept": "text/plain"})


def head_of(client):
    answer = client.get("/ledger/checkpoint")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "no-cache" in answer["Cache-Control"]
    return checkpoint.verify(answer.content.decode(), keystore.log_verifiers())


def test_an_outside_tool_rebuilds_the_tree_from_what_is_served(reader):
    head = head_of(reader)
    full, rest = tlog.widths(head.size, 0)
    assert full == 0

    bundle = reader.get("/ledger/" + tlog.tile_path(None, 0, rest))
    hashes = reader.get("/ledger/" + tlog.tile_path(0, 0, rest))

    assert bundle["Content-Type"] == hashes["Content-Type"] == "application/octet-stream"
    assert "immutable" in bundle["Cache-Control"]
    assert "private" in bundle["Cache-Control"]
    leaves = [merkle.leaf_hash(body) for body in tlog.read_bundle(bundle.content)]
    assert b"".join(leaves) == hashes.content
    assert merkle.root(leaves) == head.root
    assert b"secret" not in bundle.content


def test_each_record_has_a_proof_file(reader):
    head = head_of(reader)
    bodies = tlog.read_bundle(reader.get(f"/ledger/tile/entries/000.p/{head.size}").content)

    for seq, body in enumerate(bodies):
        answer = reader.get(f"/ledger/entries/{seq}/proof")
        found = tlog.read_proof(answer.content.decode())
        under = checkpoint.verify(found.checkpoint, keystore.log_verifiers())
        assert found.index == seq
        assert merkle.verify_inclusion(seq, under.size, merkle.leaf_hash(body), found.path, under.root)
        assert answer["Content-Disposition"] == f'attachment; filename="{seq}.tlog-proof"'
    assert reader.get(f"/ledger/entries/{head.size}/proof").status_code == 404


@pytest.mark.parametrize(
    "place",
    ["0/001", "0/000", "0/000.p/256", "0/000.p/0", "0/000.p/01", "0/000.p/x", "0/00", "00/000.p/1", "x/000.p/1",
     "-1/000.p/1", "9/000", "entries/001", "entries/x000/000.p/1", "entries", "", "0/000.p/1/", "../checkpoint"],
)  # fmt: skip
def test_other_addresses_are_not_found(reader, place):
    assert reader.get(f"/ledger/tile/{place}").status_code == 404


def test_the_policy_of_witnesses_names_the_logs_keys(reader, settings):
    text = reader.get("/ledger/witness-keys").content.decode()
    assert text.splitlines()[-1] == "quorum none"
    assert [line.split()[1] for line in text.splitlines()[:-1]] == [str(key) for key in keystore.log_verifiers()]

    name, key = "witness.example/w1", keystore.private("log").public_key()
    vkey = note.verifier_key(name, key, note.COSIGNED_ED25519)
    settings.WITNESSES = f"https://witness.example {vkey}"
    lines = reader.get("/ledger/witness-keys").content.decode().splitlines()
    assert lines[-3:] == [f"witness w1 {vkey} https://witness.example", "group witnesses any w1", "quorum witnesses"]


def test_before_anything_was_signed_there_is_nothing(db):
    world.cast()
    client = Client()
    client.force_login(world.cast()["dan"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/ledger/checkpoint").status_code in {200, 404}


PATHS = ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1", "entries/0/proof", "witness-keys")


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_read_the_ledger_gets_nothing_of_it(reader, path):
    assert reader.get(f"/ledger/{path}").status_code == 200
    assert Client().get(f"/ledger/{path}").status_code == 401
    other = Client(headers={"authorization": f"Bearer {add_token('ben', ['incidents:read'], actor=SYSTEM)}"})
    assert other.get(f"/ledger/{path}").status_code == 403
    nobody = Client()
    nobody.force_login(world.cast()["mallory"], backend="django.contrib.auth.backends.ModelBackend")
    assert nobody.get(f"/ledger/{path}").status_code == 403
    expired = Client(headers={"authorization": "Bearer unknown"})
    assert expired.get(f"/ledger/{path}").status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written_there(reader, method):
    for path in PATHS:
        assert getattr(reader, method)(f"/ledger/{path}").status_code == 405
