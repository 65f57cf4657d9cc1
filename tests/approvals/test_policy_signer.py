"""The policy signer rules again itself: no digest, no ruling and no facts of others make it sign."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from approvals import policy_signer, policy_socket
from approvals.models import ApprovalRequest, Decision
from approvals.policy_signer import Ask
from approvals.services.propose import propose
from audit import keystore, ledger
from core import clock
from core.actors import PLANNER
from core.errors import RefusedError
from proof import canonical
from proof.documents import parse_statement
from proof.signatures import read_sidecar
from tests.approvals.plans import restart, rollback

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


def ask_about(request, **changes):
    ask = Ask(
        content=ledger.fetch(request.change_id),
        ruling=request.ruling,
        request=request.pk,
        nonce="0" * 32,
        expires_at=clock.now() + timedelta(hours=1),
    )
    return replace(ask, **changes)


def altered(request, **members):
    """The change's bytes with something else in them, under their own new digest."""
    document = canonical.loads(ledger.fetch(request.change_id))
    return canonical.dumps(document | members)


@pytest.fixture
def automatic(cast):
    return propose(restart(), actor=PLANNER)


def test_it_signs_what_policy_and_limits_allow(automatic):
    assert automatic.state == "GRANTED"

    made = policy_signer.sign(ask_about(automatic))

    statement = parse_statement(read_sidecar(made.sidecar).payload)
    assert statement.is_automatic
    assert statement.change_sha256 == automatic.change_id


def test_it_signs_no_high_change_whatever_the_ruling_says(cast):
    high = propose(rollback(), actor=PLANNER)
    lie = {**high.ruling, "outcome": {"route": "auto", "people": 0, "rule": "lie", "sentence": "Harmless."}}

    with pytest.raises(RefusedError, match="may not decide this alone"):
        policy_signer.sign(ask_about(high, ruling=lie))


@pytest.mark.parametrize(
    ("name", "value"),
    [("tier", "LOW"), ("score", 1), ("floor_tier", "LOW"), ("target", "lab/other"), ("confidence", "0.99")],
)
def test_facts_that_do_not_fit_the_change_are_a_lie(automatic, name, value):
    snapshot = {**automatic.ruling["snapshot"], name: value}

    with pytest.raises(RefusedError, match=f"do not fit the change: {name}"):
        policy_signer.sign(ask_about(automatic, ruling={**automatic.ruling, "snapshot": snapshot}))


def test_a_high_change_dressed_as_the_restart_is_refused(automatic, cast):
    high = propose(rollback(), actor=PLANNER)

    with pytest.raises(RefusedError, match="do not fit the change"):
        policy_signer.sign(ask_about(automatic, content=ledger.fetch(high.change_id)))


@pytest.mark.parametrize("content", [b"", b"{}", b"ab" * 32])
def test_it_signs_changes_and_nothing_else(automatic, content):
    with pytest.raises(RefusedError, match="this is none"):
        policy_signer.sign(ask_about(automatic, content=content))


def test_it_does_not_speak_to_another_executor_than_the_registry_says(automatic):
    steps = canonical.loads(ledger.fetch(automatic.change_id))["steps"]
    steps[0]["target"] = "prod/checkout"
    content = altered(automatic, audience="executor:prod", environment="prod", steps=steps)
    snapshot = automatic.ruling["snapshot"] | {"environment": "prod", "target": "prod/checkout"}

    with pytest.raises(RefusedError):
        policy_signer.sign(ask_about(automatic, content=content, ruling={**automatic.ruling, "snapshot": snapshot}))


def test_it_asks_the_safeguards_itself(automatic, settings):
    settings.CHANGE_GUARD = "tests.approvals.plans.everything_against"

    with pytest.raises(RefusedError, match="The safeguards refuse"):
        policy_signer.sign(ask_about(automatic))


def test_it_counts_its_own_signatures_though_every_row_is_gone(cast):
    done = 0
    for _ in range(12):
        Decision.objects.all().delete()
        ApprovalRequest.objects.all().delete()
        try:
            done += propose(restart(), actor=PLANNER).state == "GRANTED"
        except RefusedError as error:
            assert "signed" in error.detail  # noqa: PT017 -- the twelve are alike
    assert 0 < done < 12


def test_a_key_in_a_folder_of_its_own_leaves_its_public_half_behind(db, settings, tmp_path):
    settings.KEY_FOLDERS = {"policy": str(tmp_path / "apart"), "executor": ""}
    public = keystore.public_pem("policy")

    assert (tmp_path / "apart" / "policy.ed25519.pem").exists()
    assert not (keystore.folder() / "policy.ed25519.pem").exists()
    (tmp_path / "apart" / "policy.ed25519.pem").unlink()
    assert keystore.public_pem("policy") == public


@pytest.fixture
def server(settings, tmp_path):
    settings.POLICY_SIGNER_SOCKET = str(tmp_path / "signer" / "policy.sock")
    made = policy_socket.Server(tmp_path / "signer" / "policy.sock")
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.stop()
    thread.join()
    made.server_close()


def test_over_its_socket_it_signs_and_refuses_with_the_same_words(server, cast, monkeypatch):
    assert policy_socket._call(server.path, {"content": "AA=="})["refused"].startswith("The question is malformed")
    with pytest.raises(RefusedError, match="listens on"):
        policy_socket.Server(server.path)
    assert server.path.stat().st_mode & 0o777 == 0o660


def test_without_an_answer_nothing_is_decided(settings, tmp_path, cast):
    settings.POLICY_SIGNER_SOCKET = str(tmp_path / "nobody.sock")

    with pytest.raises(RefusedError, match=r"does not answer.*policy-signer"):
        propose(restart(), actor=PLANNER)
    assert not Decision.objects.exists()


def test_the_process_asks_for_its_socket(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(tmp_path / "data"), "EXECUTOR_STATE_DIR": str(tmp_path / "executor")}

    told = subprocess.run(
        [sys.executable, "manage.py", "policy-signer"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode != 0
    assert "POLICY_SIGNER_SOCKET" in told.stderr
