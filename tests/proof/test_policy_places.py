"""H17: the log says whose root a policy needs; a root that has handed over cannot date itself back into force."""

from proof import canonical, documents
from proof.verifier import verify
from tests.proof import exports
from tests.proof.cast import ROOT, SSH, at
from tests.proof.exports import PINNED, contents, entry, packed, signed_policy, story
from tests.proof.factory import policy_document
from tests.proof.test_registry_root import FIRST, RECOVERY, SECOND, signed_by


def bundle(monkeypatch, policy):
    """A log in which the root was handed over, and a second policy took effect after that."""
    bodies, found, record = story()
    late = entry(900, "policy.activated", "2026-03-01T13:00:00.000000Z", policy=canonical.sha256(policy[0]))
    publications = exports.publications
    monkeypatch.setattr(exports, "publications", lambda registry, policies: publications(registry, policies[:1]))
    told = ([*bodies, late], found, record)
    return packed(contents(told, registry=[FIRST, SECOND], policies=[signed_policy(), policy]))


def test_a_policy_of_the_old_root_that_dates_itself_back_is_found(monkeypatch):
    forged = signed_policy(ROOT, version=2, created_at=at(1))

    report = verify(bundle(monkeypatch, forged), PINNED)

    assert report.exit_code == 1
    assert any("its signers were no longer the root" in finding for finding in report.findings)


def test_one_that_names_its_true_time_is_found_too(monkeypatch):
    forged = signed_policy(ROOT, version=2, created_at="2026-03-01T12:59:00.000000Z")

    assert verify(bundle(monkeypatch, forged), PINNED).exit_code == 1


def test_a_policy_of_the_new_root_is_taken(monkeypatch):
    data = policy_document(version=2, created_at="2026-03-01T12:59:00.000000Z")
    signed = signed_by([SSH["ben"], RECOVERY], data, documents.POLICY_PAYLOAD)

    assert verify(bundle(monkeypatch, signed), PINNED).exit_code == 0
