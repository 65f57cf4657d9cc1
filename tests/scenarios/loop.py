"""The three faults, each followed from the break to the end; the same steps on every kind of installation."""

import subprocess
import sys
import time
from pathlib import Path

from tests.scenarios.installations import ROOT, Installation


def bad_config_is_signed_and_reverted(installation: Installation, approver: str, ssh_key: Path) -> None:
    """HIGH: nothing runs before a person has signed; then the commit is reverted and the error rate is back."""
    installation.manage("key", "add", "--person", approver, "--ssh-key", f"{ssh_key}.pub")
    newest = max((incident["id"] for incident in installation.incidents()), default=0)
    broken_at = time.monotonic()
    installation.manage("lab", "break", "bad-config")

    incident = installation.wait_for_incident(newest, limit_s=60)
    asked = installation.wait_for_state(incident["id"], "AWAITING_APPROVAL", "FAILED", limit_s=90)
    remediation = asked["remediation"]
    assert remediation["state"] == "AWAITING_APPROVAL", remediation
    assert asked["service"] == "payments"
    assert (remediation["risk"]["tier"], remediation["risk"]["score"]) == ("HIGH", 9)
    assert (remediation["approval"]["needed"], remediation["approval"]["have"]) == (1, 0)
    waited_from = time.monotonic()

    shown = installation.manage("approve", str(remediation["approval"]["id"]), "--show", *sign_in(installation))
    assert "git revert" in shown
    installation.manage(
        "approve", str(remediation["approval"]["id"]), "--ssh-key", str(ssh_key), "--url", local(installation)
    ) if approver != "approver" else installation.manage(
        "approve", str(remediation["approval"]["id"]), "--ssh-key", str(ssh_key), *sign_in(installation, approver)
    )
    waited = time.monotonic() - waited_from

    ended = installation.wait_for_state(incident["id"], "COMPLETED", "ROLLED_BACK", "FAILED", limit_s=90)
    assert ended["remediation"]["state"] == "COMPLETED", ended["remediation"]
    assert ended["state"] == "RESOLVED"
    took = time.monotonic() - broken_at - waited
    assert took < 120, f"break to recovery took {took:.0f} s"
    log = git_log(installation)
    assert log[0].startswith("Revert"), log
    installation.manage("lab", "heal")


def leak_is_restarted_by_itself(installation: Installation) -> None:
    """MEDIUM: runs with a notice, nobody signs, and it helps."""
    newest = max((incident["id"] for incident in installation.incidents()), default=0)
    installation.manage("lab", "break", "leak")

    incident = installation.wait_for_incident(newest, limit_s=120)
    ended = installation.wait_for_state(incident["id"], "COMPLETED", "ROLLED_BACK", "FAILED", limit_s=150)
    remediation = ended["remediation"]
    assert remediation["state"] == "COMPLETED", remediation
    assert (remediation["risk"]["tier"], remediation["risk"]["score"]) == ("MEDIUM", 5)
    assert remediation["approval"]["needed"] == 0
    assert ended["state"] == "RESOLVED"
    installation.manage("lab", "heal")


def red_herring_is_rolled_back_and_a_person_called(installation: Installation) -> None:
    """It looks like a leak, but the restart does not help: a person is called."""
    newest = max((incident["id"] for incident in installation.incidents()), default=0)
    installation.manage("lab", "break", "red-herring")

    incident = installation.wait_for_incident(newest, limit_s=120)
    ended = installation.wait_for_state(incident["id"], "COMPLETED", "ROLLED_BACK", "FAILED", limit_s=180)
    assert ended["remediation"]["state"] == "ROLLED_BACK", ended["remediation"]
    assert ended["state"] in {"OPEN", "ACKNOWLEDGED"}
    verbs = [line["verb"] for line in installation.get(f"incidents/{incident['id']}/timeline/")["results"]]
    assert "person.called" in verbs
    installation.manage("lab", "heal")


def the_export_verifies_and_one_flipped_byte_does_not(installation: Installation) -> None:
    """What the product says of itself, checked by the verifier that stands alone."""
    bundle = installation.folder / "b.tar"
    installation.manage("audit", "fsck")
    installation.manage("audit", "export", "--out", str(bundle))
    assert proof(bundle).returncode == 0, proof(bundle).stdout

    content = bytearray(bundle.read_bytes())
    for place in range(0, len(content), max(1, len(content) // 7)):
        content[place] ^= 1
        broken = bundle.with_name("broken.tar")
        broken.write_bytes(bytes(content))
        told = proof(broken)
        assert told.returncode == 1, f"byte {place}: {told.returncode} {told.stdout}{told.stderr}"
        content[place] ^= 1


def proof(bundle: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "proof", str(bundle)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def local(installation: Installation) -> str:
    return f"http://127.0.0.1:{installation.port}"


def sign_in(installation: Installation, handle: str = "operator") -> list[str]:
    """The options by which a command on another machine would speak to the API."""
    import json

    told = installation.manage(
        "token", "add", "--person", handle, "--scope", "approvals:read", "approvals:sign", "--json"
    )
    return ["--url", local(installation), "--token", json.loads(told)["token"]]


def git_log(installation: Installation) -> list[str]:
    repository = Path(installation.environment["DATA_DIR"]) / "lab" / "config.git"
    done = subprocess.run(
        ["git", "-C", str(repository), "log", "--format=%s", "-5", "main"], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()
