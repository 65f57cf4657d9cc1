"""`key` and `keys` over a real HTTP server: enrolling, vouching, revoking and co-signing from a terminal."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals import recovery, registry
from approvals.models import Draft, PersonKey
from approvals.services.change_registry import set_groups
from tests.approvals.keyholders import hand_over, make_key_admins

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_the_consoles_own_computer(settings):
    settings.EMBEDDED = True


def keygen(path: Path, comment: str = "laptop") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], check=True)
    return path


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def added(handle: str, path: Path) -> str:
    run("key", "add", "--person", handle, "--ssh-key", f"{path}.pub")
    return str(path)


@pytest.fixture
def bens(cast, tmp_path) -> str:
    return added("ben", keygen(tmp_path / "ben"))


def test_a_second_key_is_enrolled_with_the_word_of_the_first(cast, bens, live_server, tmp_path):
    new = keygen(tmp_path / "new")

    said = run("key", "enrol", "--ssh-key", str(new), "--with", bens, "--url", live_server.url)

    assert said.startswith("Enrolled.")
    assert PersonKey.objects.latest("enrolled_at").label == "laptop"


def test_without_an_older_key_it_waits_and_is_vouched_for_later(cast, bens, live_server, tmp_path):
    new = keygen(tmp_path / "new")
    said = run("key", "enrol", "--ssh-key", str(new), "--person", "ben", "--url", live_server.url, "--json")
    assert json.loads(said)["owes"] == ["own-key"]

    key_id = json.loads(said)["key_id"]
    assert run("key", "vouch", key_id[:12], "--ssh-key", bens, "--url", live_server.url).startswith("Enrolled.")


def test_a_code_stands_in_for_an_older_key(cast, live_server, tmp_path):
    code = run("key", "invite", "--person", "ben").splitlines()[0]
    new = keygen(tmp_path / "new")

    said = run("key", "enrol", "--ssh-key", str(new), "--person", "ben", "--code", code, "--url", live_server.url)

    assert said.startswith("Enrolled.")
    again = keygen(tmp_path / "again")
    with pytest.raises(CommandError, match="not for you, was used"):
        run("key", "enrol", "--ssh-key", str(again), "--person", "ben", "--code", code, "--url", live_server.url)


def test_a_key_is_revoked_by_its_own_signature(cast, bens, live_server):
    key_id = PersonKey.objects.latest("enrolled_at").key_id

    said = run("key", "revoke", key_id[:16], "--ssh-key", bens, "--why", "lost", "--url", live_server.url)

    assert said.startswith("Revoke the key")
    assert registry.current().key(key_id).status == "revoked"


def test_a_console_that_asks_to_sign_another_act_gets_nothing(cast, bens, live_server, monkeypatch):
    from approvals.signing.remote import Console

    post = Console.post

    def lying(self, path, body):
        other = {**body, "subject": f"key:{cast.ben.key.key_id}"} if path == "acts/templates/" else body
        return post(self, path, other)

    monkeypatch.setattr(Console, "post", lying)
    key_id = PersonKey.objects.latest("enrolled_at").key_id
    with pytest.raises(CommandError, match="subject differs"):
        run("key", "revoke", key_id, "--ssh-key", bens, "--url", live_server.url)
    assert registry.current().key(cast.ben.key.key_id).status == "active"


def test_a_draft_is_read_and_cosigned_in_a_terminal(cast, live_server, tmp_path):
    odas = added("oda", keygen(tmp_path / "oda"))
    hand_over(cast.oda, cast.dan)
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.dan.actor)
    cast.dan.cosign(draft)
    assert "1 of 2" in run("keys", "drafts")

    said = run("keys", "cosign", str(draft.pk), "--ssh-key", odas, "--url", live_server.url)

    assert "Ben is in sre" in said
    assert '"sre"' in said
    assert "Signed. The draft is published." in said


def test_a_console_that_sends_other_bytes_gets_no_signature(cast, live_server, tmp_path, monkeypatch):
    from approvals.signing.remote import Console

    odas = added("oda", keygen(tmp_path / "oda"))
    hand_over(cast.oda, cast.dan)
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.dan.actor)
    fetched = Console.get_bytes
    monkeypatch.setattr(Console, "get_bytes", lambda self, path: fetched(self, path).replace(b"sre", b"dba"))

    with pytest.raises(CommandError, match="other bytes"):
        run("keys", "cosign", str(draft.pk), "--ssh-key", odas, "--url", live_server.url)


def test_the_ceremony_shows_the_words_once_and_has_them_typed_again(cast, live_server, monkeypatch, tmp_path):
    odas = added("oda", keygen(tmp_path / "oda"))
    make_key_admins(cast.oda)
    seed = b"\x11" * 32
    monkeypatch.setattr(recovery, "new_seed", lambda: seed)
    paper = " ".join(recovery.words_of(seed))
    monkeypatch.setattr(sys, "stdin", io.StringIO("abandon " * 24))
    with pytest.raises(CommandError, match=r"belong together|not the words"):
        run("keys", "threshold")
    assert not Draft.objects.filter(state="OPEN").exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO(paper))

    said = run("keys", "threshold")

    draft = Draft.objects.get(state="OPEN")
    assert f"keys cosign {draft.pk}" in said
    run("keys", "cosign", str(draft.pk), "--ssh-key", odas, "--url", live_server.url)
    assert "First use" not in run("keys", "show")
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    monkeypatch.setattr(sys, "stdin", io.StringIO(paper))
    done = run("keys", "cosign", str(draft.pk), "--recovery", "--person", "oda", "--url", live_server.url)
    assert "published" in done


def test_refound_says_first_what_follows(cast):
    with pytest.raises(SystemExit):
        run("keys", "refound")
    assert registry.current().epoch == 1

    assert "epoch 2" in run("keys", "refound", "--yes")


def test_drafts_are_voided_and_people_renewed(cast):
    hand_over(cast.oda, cast.dan)
    assert "is open" in run("keys", "renew", "--person", "ben")
    draft = Draft.objects.get(state="OPEN")

    assert "voided" in run("keys", "void", str(draft.pk), "--why", "not now")
    assert "Nothing waits" in run("keys", "drafts")


def test_a_key_added_on_the_host_waits_for_the_key_admins(cast, tmp_path):
    hand_over(cast.oda, cast.dan)

    path = keygen(tmp_path / "new")

    assert "co-sign" in run("key", "add", "--person", "ben", "--ssh-key", f"{path}.pub")
