"""`approve` over a real HTTP server: what it shows is rendered here, what it signs is what it shows."""

import io
import json
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals.models import ApprovalRequest, Decision
from approvals.services.propose import propose
from approvals.signing import keys, remote
from core.actors import PLANNER
from people.models import ApiToken
from tests.approvals.decisions import state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def on_the_consoles_own_computer(settings):
    """Only there, and only in the embedded mode, a command makes itself a short-lived token."""
    settings.EMBEDDED = True


def keygen(path: Path, comment: str = "ben@laptop") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], check=True)
    return path


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def bens(cast, tmp_path) -> str:
    path = keygen(tmp_path / "ben")
    run("key", "add", "--person", "ben", "--ssh-key", f"{path}.pub")
    return str(path)


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def test_show_prints_the_text_and_the_six_words_and_signs_nothing(request_, live_server):
    shown = run("approve", str(request_.pk), "--show", "--url", live_server.url)

    assert "revert commit 1a2b3c4 in lab" in shown
    assert "The six words: " in shown
    assert not Decision.objects.exists()


def test_an_ssh_key_approves(request_, bens, live_server):
    said = run("approve", str(request_.pk), "--ssh-key", bens, "--url", live_server.url)

    assert "The request is now GRANTED" in said
    assert state_of(request_) == "GRANTED"
    assert ApiToken.objects.get().scopes == ["approvals:read", "approvals:sign"]


def test_it_rejects_with_a_reason(request_, bens, live_server):
    run("approve", str(request_.pk), "--ssh-key", bens, "--reject", "Not the cause.", "--url", live_server.url)

    assert state_of(request_) == "REJECTED"
    assert Decision.objects.get().comment == "Not the cause."


def test_json_is_all_that_stands_on_standard_output(request_, bens, live_server):
    said = json.loads(run("approve", str(request_.pk), "--ssh-key", bens, "--url", live_server.url, "--json"))

    assert (said["decision"], said["request"]["state"]) == ("approve", "GRANTED")


def test_without_ssh_keygen_it_signs_by_itself(request_, bens, live_server, monkeypatch):
    monkeypatch.setattr(keys.shutil, "which", lambda _name: None)

    run("approve", str(request_.pk), "--ssh-key", bens, "--url", live_server.url)

    assert state_of(request_) == "GRANTED"


def test_a_key_that_nobody_enrolled_is_told_how_to(request_, tmp_path, live_server):
    path = keygen(tmp_path / "new")

    with pytest.raises(CommandError, match="key add --person"):
        run("approve", str(request_.pk), "--ssh-key", str(path), "--url", live_server.url)


def test_a_console_that_is_not_there_is_named(request_, bens):
    with pytest.raises(CommandError, match="does not answer"):
        run("approve", str(request_.pk), "--ssh-key", bens, "--url", "http://127.0.0.1:9")


def test_the_running_console_is_found_by_its_file(request_, live_server, settings):
    (Path(settings.DATA_DIR) / "console.json").write_text(json.dumps({"url": live_server.url}))

    assert "The six words" in run("approve", str(request_.pk), "--show")


def test_a_console_that_sends_other_bytes_is_not_believed(request_, bens, live_server, monkeypatch):
    real = remote.Console.get_bytes
    monkeypatch.setattr(
        remote.Console, "get_bytes", lambda self, path: real(self, path).replace(b"1a2b3c4", b"9z9z9z9")
    )

    with pytest.raises(CommandError, match="other bytes"):
        run("approve", str(request_.pk), "--ssh-key", bens, "--url", live_server.url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision", "reject"),
        ("tier_seen", "LOW"),
        ("audience", "executor:prod"),
        ("render_sha256", "00" * 32),
        ("policy_sha256", "00" * 32),
        ("request", 7777),
    ],
)
def test_a_console_that_asks_to_sign_something_else_gets_nothing(request_, bens, live_server, monkeypatch, name, value):
    real = remote.Console.post

    def lying(self, path, body):
        answer = real(self, path, body)
        statement = json.loads(answer["statement"])
        statement["predicate"][name] = value
        text = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {**answer, "statement": text}

    monkeypatch.setattr(remote.Console, "post", lying)
    monkeypatch.setattr(keys, "sign", lambda *_: pytest.fail("it signed"))

    with pytest.raises(CommandError, match="something else than it showed"):
        run("approve", str(request_.pk), "--ssh-key", bens, "--url", live_server.url)


def test_keys_are_listed_and_private_ones_refused(bens):
    listed = [json.loads(line) for line in run("key", "list", "--person", "ben", "--json").splitlines()]

    assert [key["label"] for key in listed] == ["ben's laptop", "ben@laptop"]
    assert "ben@laptop" in run("key", "list")
    with pytest.raises(CommandError, match="private key"):
        run("key", "add", "--person", "ben", "--ssh-key", bens)
    with pytest.raises(CommandError, match="under another person"):
        run("key", "add", "--person", "cleo", "--ssh-key", f"{bens}.pub")
    with pytest.raises(CommandError, match="Nobody here"):
        run("key", "add", "--person", "zoe", "--ssh-key", f"{bens}.pub")


def test_a_policy_is_activated_from_a_file(cast, tmp_path):
    from approvals.bundles import SHIPPED

    text = (SHIPPED / "lab.yaml").read_text()
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("per_hour: 20", "per_hour: 5"))

    assert json.loads(run("policy", "activate", str(file), "--json"))["version"] == 2
    assert len(run("policy", "list").splitlines()) == 2
    assert json.loads(run("policy", "activate", "default", "--json"))["version"] == 3
    file.write_text(text.replace("tier: HIGH", "tier: HUGE"))
    with pytest.raises(CommandError, match="cannot be used"):
        run("policy", "activate", str(file))
    with pytest.raises(CommandError, match="no policy"):
        run("policy", "activate", "nowhere")
