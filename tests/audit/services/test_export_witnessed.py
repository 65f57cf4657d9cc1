"""What is carried away holds the witnesses' lines, their earlier heads, and the way from a head that one has."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command

from audit import keystore, tiles
from audit.selectors import latest_checkpoint
from audit.services.cosign import cosign
from audit.services.export import export, export_to
from audit.services.sequence import sequence
from core.errors import BadInputError
from proof import canonical, verifier
from proof.archive import Reader
from proof.pins import Pinned
from proof.tlog import read_proof
from tests.audit.services.test_cosign import ask
from tests.audit.services.test_export import DAN, installation, log_keys, policy, registry, story  # noqa: F401
from tests.audit.witness.logs import Program

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def witness(installation, tmp_path, settings):  # noqa: F811 -- a fixture
    with Program(tmp_path / "w", *log_keys()) as program:
        ask(settings, program)
        yield program


def pinned(witness, **changes):
    keys = {"root_public": keystore.public_pem("root"), "log": tuple(log_keys())}
    return Pinned(**keys, witnesses=tuple(str(key) for key in witness.keys), k=1, **changes)


@pytest.mark.parametrize("subject", ["", "incident:42"])
def test_the_head_is_witnessed_before_it_is_carried_away(witness, story, subject, monkeypatch):  # noqa: F811
    cosign()
    bundle = export(actor=DAN, subject=subject)

    report = verifier.verify(bundle, pinned(witness))

    # The cast lives in March 2026, the witness in the present: it says so, and everything else fits.
    assert report.witnesses == ["witness.example/w1"]
    assert all("before a witness saw the log without it" in finding for finding in report.findings)
    assert any(name.startswith("earlier/") for name in Reader(io.BytesIO(bundle)).sizes)


def test_without_an_answer_of_the_witness_the_export_goes_on_and_is_told_from_a_witnessed_one(witness, story):  # noqa: F811
    witness.stop()

    report = verifier.verify(export(actor=DAN), pinned(witness))

    assert "0 of the 1 witnesses" in report.findings[0]


@pytest.mark.parametrize("subject", ["", "incident:42"])
def test_the_own_head_of_an_auditor_is_led_through(story, note, subject, tmp_path):  # noqa: F811
    mine = latest_checkpoint()
    note(9, subject="incident:42")
    sequence()
    out = io.BytesIO()
    export_to(out, actor=DAN, subject=subject, through=[mine.size])
    keys = Pinned(root_public=keystore.public_pem("root"), log=tuple(log_keys()), checkpoint=mine.note)

    report = verifier.check_bundle(out, keys)

    assert (report.exit_code, report.elsewhere) == (0, mine.size), report.findings
    if subject:
        assert verifier.verify(export(actor=DAN, subject=subject), keys).exit_code == 2


def test_there_is_no_way_from_a_head_that_is_not_there(story):  # noqa: F811
    with pytest.raises(BadInputError, match="no head of 999"):
        export_to(io.BytesIO(), actor=DAN, subject="incident:42", through=[999])


def test_each_selected_record_brings_a_proof_that_other_tools_read(story):  # noqa: F811
    archive = Reader(io.BytesIO(export(actor=DAN, subject="incident:42")))
    names = [name for name in archive.sizes if name.startswith("proofs/")]

    assert len(names) == 7
    for name in names:
        found = read_proof(archive.read(name).decode())
        assert name == f"proofs/{found.index}.tlog-proof"
        assert list(found.path) == tiles.inclusion_proof(found.index, latest_checkpoint().size)
        assert found.checkpoint == archive.read("checkpoint").decode()


def test_the_command_takes_the_size_of_a_head(story, note, tmp_path):  # noqa: F811
    mine = latest_checkpoint()
    note(9, subject="incident:42")
    out, keys = tmp_path / "b.tar", tmp_path / "keys.json"
    keys.write_text(
        json.dumps({"root_public": keystore.public_pem("root"), "log": log_keys(), "checkpoint": mine.note})
    )
    call_command("audit", "export", "--out", str(out), "--subject", "incident:42", "--through", str(mine.size))

    run = subprocess.run(
        [sys.executable, "-m", "proof", str(out), "--keys", str(keys), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(run.stdout)["elsewhere"] == mine.size
    assert canonical.sha256(out.read_bytes())
    assert not list(tmp_path.glob(".b.tar*"))
