"""VERIFY.md's own commands, on a bundle, without a line of ours; and the files that they need say nothing else."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from proof import archive, canonical
from proof import contents as reading
from proof.bundle import verify
from proof.byhand import NAMESPACES
from tests.proof.cast import LOG, PASSKEY, SSH
from tests.proof.exports import PINNED, contents, packed, story
from tests.proof.factory import automatic, change, decide, restart

TOOLS = ("sh", "openssl", "ssh-keygen", "sed", "base64", "cut", "tail", "head", "tr", "wc", "cat", "grep", "sha256sum",
         "cmp", "mktemp", "basename", "rm")  # fmt: skip
VERIFY = Path(reading.__file__).with_name("VERIFY.md").read_text()


@pytest.fixture
def signed_three_ways():
    """A terminal, a passkey, and the policy service."""
    high, medium = change(), restart(id="99" * 16)
    told = story(high, [decide("ben", high), decide("cleo", high, signer=PASSKEY["cleo"])])
    other = story(medium, [automatic(medium)])
    bodies = [*told[0], *(body.replace(b'"uid":"00', b'"uid":"ff') for body in other[0])]
    whole = contents((bodies, [*told[1], *other[1]], told[2]), changes=[told[2], other[2]])
    assert verify(packed(whole), PINNED).findings == []
    return packed(whole)


@pytest.fixture
def folder(signed_three_ways, tmp_path):
    packed_up = tmp_path / "bundle.tar"
    packed_up.write_bytes(signed_three_ways)
    shutil.unpack_archive(packed_up, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def run(tmp_path):
    """The page's commands, with nothing else in reach: no Python, none of our programs."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on this machine")
        (tools / tool).symlink_to(shutil.which(tool))
    script = "\n".join(re.findall(r"```sh\n(.*?)```", VERIFY, re.DOTALL))
    environment = {"PATH": str(tools), "HOME": str(tmp_path), "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8")}

    def go(folder):
        return subprocess.run(
            [tools / "sh", "-eu", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return go


def test_the_commands_of_the_page_work(folder, run):
    done = run(folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}  -\n", done.stdout), "only the leaf is told"
    assert {name.suffix for name in (folder / "signed").iterdir()} == {
        ".pae", ".ssh", ".who", ".client", ".passkey", ".der", ".raw", ".pem",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "manifest.sig", "checkpoint", "registry/0001.json", "registry/0001.sig", "entries.jsonl",
     "signed/*.pae", "signed/*.ssh", "signed/*.der", "signed/*.client", "signed/*.passkey", "signed/*.raw",
     "documents/*", "render/*", "allowed_signers"],
)  # fmt: skip
def test_they_see_what_was_changed(folder, run, name):
    path = min(folder.glob(name))
    data = bytearray(path.read_bytes())
    place = data.index(b'"signature":"') + 20 if path.suffix == ".sig" else len(data) // 2
    data[place] ^= 1
    path.write_bytes(bytes(data))

    assert run(folder).returncode != 0


def test_the_page_says_what_they_do_not_see():
    text = " ".join(VERIFY.split())
    assert "does not check whether a security key was touched or asked for a PIN" in text
    assert "OpenSSL 3.0 has no ML-DSA" in text
    assert "does not show that nothing was left out" in text


def test_a_principal_is_the_id_of_a_key_and_never_a_pattern(folder):
    lines = (folder / "allowed_signers").read_text().splitlines()

    assert len(lines) == len(SSH)
    for line in lines:
        principal, options, kind, _ = line.split(" ")
        assert re.fullmatch("[0-9a-f]{64}", principal)
        assert options == f'namespaces="{",".join(NAMESPACES)}"'
        assert kind == "ssh-ed25519"
        assert "cert-authority" not in line
        assert "git" not in options


@pytest.mark.parametrize("name", ["allowed_signers", "root.pem", "log.pem", "render/", "signed/"])
def test_files_for_by_hand_that_say_something_else_are_refused_though_the_log_signed_them(signed_three_ways, name):
    members = archive.read(signed_three_ways)
    chosen = next(key for key in members if key.startswith(name))
    members[chosen] = b'* namespaces="git" ssh-ed25519 AAAA\n'

    report = verify(resealed(members), PINNED)

    assert f"{chosen} is not what follows" in report.findings[0]


def test_files_for_by_hand_that_are_missing_or_too_many_are_noticed(signed_three_ways):
    members = archive.read(signed_three_ways)
    fewer = {name: data for name, data in members.items() if not name.endswith(".who")}
    more = {**members, "signed/999.pae": b"x"}

    assert "is not what follows" in verify(resealed(fewer), PINNED).findings[0]
    assert "is not what follows" in verify(resealed(more), PINNED).findings[0]
    assert "does not belong" in verify(resealed({**members, "extra.txt": b"x"}), PINNED).findings[0]


def resealed(members):
    """What whoever has the log's key can make: another content, properly signed."""
    from proof.detached import sign_detached
    from proof.documents import BUNDLE_PAYLOAD

    value = canonical.loads(members["manifest.json"], max_bytes=10**8)
    names = sorted(name for name in members if not name.startswith("manifest."))
    value["members"] = [
        {"name": name, "size": len(members[name]), "sha256": canonical.sha256(members[name])} for name in names
    ]
    manifest = canonical.dumps(value, max_bytes=10**8)
    seal = {"manifest.json": manifest, "manifest.sig": sign_detached(LOG, BUNDLE_PAYLOAD, manifest)}
    return archive.write({**seal, **{name: members[name] for name in names}})
