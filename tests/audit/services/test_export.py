"""What is carried away can be checked by somebody who has nothing of ours but the verifier."""

import json
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from django.db import transaction

from audit import keystore, ledger
from audit.models import Entry, Leaf
from audit.services.export import export
from audit.services.sequence import sequence
from core import clock
from core.actors import SYSTEM, Actor
from core.errors import NotFoundError, NotPermittedError, WrongStateError
from proof import canonical, documents, verifier
from proof.multisig import sign_with_ed25519
from proof.report import Pinned
from tests.proof import cast, factory

pytestmark = pytest.mark.django_db(transaction=True)

DAN = Actor(id="person:dan0000000000000", roles=frozenset({"manager"}))
ADA = Actor(id="person:ada0000000000000", roles=frozenset({"operator"}))


@pytest.fixture(autouse=True)
def installation(monkeypatch):
    """The installation of the cast, at the time of the cast."""
    monkeypatch.setattr(clock, "now", lambda: cast.NOW)
    folder = keystore.folder()
    keystore.replace(folder / "installation", cast.INSTALLATION.encode())
    for name, key in (("root", cast.ROOT), ("log", cast.LOG), ("policy", cast.POLICY)):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keystore.replace(folder / f"{name}.ed25519.pem", pem)


@transaction.atomic
def publish(verb, name, payload_type, data):
    kept = ledger.keep(payload_type, data)
    signature = ledger.keep("application/json", sign_with_ed25519(cast.ROOT, payload_type, data))
    ledger.append(actor=SYSTEM, verb=verb, subject=f"{name}:1", documents={name: kept, "signature": signature})


@pytest.fixture
def registry():
    publish(
        "registry.published", "registry", documents.REGISTRY_PAYLOAD, factory.registry_document(log_keys=log_keys())
    )


@pytest.fixture
def policy(registry):
    publish("policy.activated", "policy", documents.POLICY_PAYLOAD, factory.policy_document())


@pytest.fixture
def story(policy, note):
    """Incident 42: a plan, Ben's signature, a run. Incident 43: somebody else's affair."""
    data = factory.change()
    change, sidecar = (ledger.keep("application/json", part) for part in (data, factory.decide("ben", data)))
    about = {"about": ["incident:42", f"change:{change}"]}
    note(1, verb="incident.opened", subject="incident:42", facts={"title": "Payments fail"})
    note(2, verb="incident.opened", subject="incident:43", facts={"title": "Search fails"})
    note(3, verb="change.frozen", subject=f"change:{change}", documents={"change": change}, **about)
    note(4, verb="decision.recorded", subject="request:7", documents={"change": change, "sidecar": sidecar}, **about)
    note(5, verb="run.intended", subject="remediation:3", documents={"change": change}, **about)
    sequence()
    return change


def log_keys():
    return [str(key) for key in keystore.log_verifiers()]


def checked(bundle, **keys):
    report = verifier.verify(bundle, **keys)
    return report, [*report.findings, *report.gaps]


def pinned():
    return Pinned(root_public=keystore.public_pem("root"), log=tuple(log_keys()))


def test_a_complete_export_is_intact_and_holds_itself(story):
    report, wrong = checked(export(actor=DAN), pinned=pinned())

    assert wrong == []
    assert (report.kind, report.trust, report.entries) == ("complete", "pinned", Leaf.objects.count())
    assert [(found.digest, found.state) for found in report.changes] == [(story, "GRANTED")]
    assert Entry.objects.latest("pk").verb == "audit.exported"
    assert Entry.objects.latest("pk").actor == DAN.id


def test_an_export_about_an_incident_holds_its_entries_with_proofs_and_nothing_of_others(story):
    bundle = export(actor=DAN, subject="incident:42")
    report, wrong = checked(bundle, pinned=pinned())

    assert wrong == []
    assert (report.kind, report.subject) == ("selected", "incident:42")
    assert report.entries == 2 + 4 + 1  # keys and policy, the story, the export
    assert [found.state for found in report.changes] == ["GRANTED"]
    assert b"incident:43" not in bundle


def test_without_facts_no_particulars_go_along(story):
    with_facts, without = export(actor=DAN), export(actor=DAN, with_facts=False)

    assert b"facts/" in with_facts
    assert b"facts/" not in without
    report, wrong = checked(without)
    assert wrong == []
    assert any("facts of" in remark for remark in report.remarks)


def test_entries_that_wait_get_their_places_first(policy, note):
    note(verb="incident.opened", subject="incident:42")
    report, wrong = checked(export(actor=DAN))

    assert wrong == []
    assert report.entries == Entry.objects.count() == 4


def test_a_run_without_its_signatures_is_found_by_who_checks(policy, note):
    change = ledger.keep("application/json", factory.change())
    note(verb="run.intended", subject="remediation:3", documents={"change": change})
    report, wrong = checked(export(actor=DAN))

    assert report.exit_code == 1
    assert any("although it was PENDING" in line for line in wrong)


def test_a_decision_that_an_owner_removed_is_missed(story, as_owner):
    digest = canonical.sha256(factory.decide("ben", factory.change()))
    as_owner(("DELETE FROM audit_document WHERE sha256 = %s", [digest]))

    assert checked(export(actor=DAN))[0].exit_code == 1


def test_a_record_that_an_owner_changed_does_not_pass(story, as_owner):
    entry = Leaf.objects.select_related("entry").get(pk=3).entry
    body = canonical.dumps({**canonical.loads(bytes(entry.body)), "subject": "incident:44"})
    as_owner(("UPDATE audit_entry SET body = %s WHERE id = %s", [body, entry.pk]))

    assert checked(export(actor=DAN))[0].exit_code == 1


def test_only_managers_and_owners_carry_it_away(story):
    with pytest.raises(NotPermittedError):
        export(actor=ADA)

    assert not Entry.objects.filter(verb="audit.exported").exists()


def test_a_subject_that_nothing_is_about_is_not_exported(story):
    with pytest.raises(NotFoundError, match="incident:99"):
        export(actor=DAN, subject="incident:99")


def test_before_there_are_keys_nobody_could_check_it(note):
    note()

    with pytest.raises(WrongStateError, match="prepare"):
        export(actor=DAN)


def test_the_command_writes_what_the_offline_verifier_takes(story, tmp_path, capsys):
    out, keys = tmp_path / "bundle.tar", tmp_path / "keys.json"
    keys.write_text(json.dumps({"root_public": keystore.public_pem("root"), "log": log_keys()}))
    call_command("audit", "export", "--out", str(out), "--subject", "incident:42")

    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "python -m proof" in capsys.readouterr().out
    command = [sys.executable, "-m", "proof", str(out), "--keys", str(keys), "--require-pinned"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.splitlines()[0][:7]) == (0, "INTACT:"), run.stdout + run.stderr


def test_the_command_says_why_it_cannot(story, tmp_path):
    with pytest.raises(CommandError, match=r"incident:99"):
        call_command("audit", "export", "--out", str(tmp_path / "x.tar"), "--subject", "incident:99")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("audit", "export", "--out", str(tmp_path / "no" / "x.tar"))
