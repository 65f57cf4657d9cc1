"""Forged and outdated registries and policies, and what the executor remembers against them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents.execution.heed import heed
from agents.execution.pins import Pins, pins, raise_pins
from agents.services.follow import follow
from approvals import bundles
from approvals.models import PolicyVersion, RegistryVersion
from approvals.services.activate_policy import activate_policy
from approvals.services.revoke_key import revoke_key
from audit import keystore, ledger
from audit.services.sequence import sequence_all
from core import clock
from core.actors import SYSTEM
from core.errors import RefusedError
from proof import canonical
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD
from proof.keys import key_id_of, pem_of
from proof.multisig import sign_with_ed25519
from tests.agents.execution.refusal import assert_refused, force


def test_a_forged_registry_is_refused_once_the_root_is_pinned(granted, world, work, owner):
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=1))
    mallory = Ed25519PrivateKey.generate()
    for row in RegistryVersion.objects.order_by("version"):
        document = canonical.loads(ledger.fetch(row.sha256), max_bytes=4_000_000)
        public = pem_of(mallory.public_key())
        forged = {"key_id": key_id_of(public), "public": public, "kind": "installation", "person_id": ""}
        document["root"] = {"threshold": 1, "keys": [forged]}
        content = canonical.dumps(document, max_bytes=4_000_000)
        RegistryVersion.objects.filter(pk=row.pk).update(
            sha256=ledger.keep(REGISTRY_PAYLOAD, content),
            signature_sha256=ledger.keep("application/json", sign_with_ed25519(mallory, REGISTRY_PAYLOAD, content)),
        )

    assert_refused(world, work(), "registry does not hold")


def test_a_registry_that_went_back_in_time_is_refused(granted, world, work):
    newest = RegistryVersion.objects.latest("version").version
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=newest + 1, policy_version=1))

    assert_refused(world, work(), f"version {newest + 1} is known to exist")


def test_a_revocation_that_somebody_took_away_is_remembered(granted, world, work, cast, owner):
    """Ben revokes his key after signing; an owner of the database removes that version before the executor acts."""
    revoke_key(cast.ben.key.key_id, actor=cast.ben.actor, why="lost")
    sequence_all()
    follow()
    newest = RegistryVersion.objects.latest("version").version
    RegistryVersion.objects.filter(version=newest).delete()

    assert_refused(world, work(), f"version {newest} is known to exist")


def test_a_new_policy_that_somebody_took_away_is_remembered(granted, world, work, owner):
    version = activate_policy("default", actor=SYSTEM).version
    sequence_all()
    follow()
    PolicyVersion.objects.filter(version=version).delete()
    force(granted, state="EXECUTING")

    assert_refused(world, work(), f"but {version} is in force")


@pytest.fixture
def local(settings):
    """Asked for first: what is made from here on is a local installation's."""
    settings.EMBEDDED = True


def test_production_does_not_run_on_the_registry_of_a_local_installation(local, granted, world, work, settings):
    settings.EMBEDDED = False

    assert_refused(world, work(), "that of a local installation")


def test_an_unsigned_version_teaches_the_executor_nothing(granted, work):
    before = pins()
    row = RegistryVersion.objects.latest("version")
    RegistryVersion.objects.create(
        version=row.version + 1, sha256=row.sha256, signature_sha256=row.signature_sha256, created_at=clock.now()
    )

    heed()

    assert pins() == before


def policy_with(signer, **changes):
    current = bundles.in_force()
    document = canonical.loads(current.content, max_bytes=1_000_000) | changes
    content = canonical.dumps(document, max_bytes=1_000_000)
    return ledger.keep(POLICY_PAYLOAD, content), ledger.keep(
        "application/json", sign_with_ed25519(signer, POLICY_PAYLOAD, content)
    )


def test_a_lowered_policy_that_the_root_did_not_sign_is_refused(waiting, world, work):
    sha256, signature = policy_with(Ed25519PrivateKey.generate(), version=2, protected_targets=[])
    PolicyVersion.objects.create(version=2, sha256=sha256, signature_sha256=signature, created_at=clock.now())
    force(waiting, state="EXECUTING")

    assert_refused(world, work(), "policy is not signed")


def test_an_older_policy_than_the_executor_knows_is_refused(granted, world, work):
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=9))

    assert_refused(world, work(), "but 9 is in force")


def test_the_first_version_that_is_told_of_pins_the_root_and_versions_only_rise(cast):
    assert pins() == Pins()
    sequence_all()
    follow()

    assert pins().root_public == keystore.public_pem("root")
    assert pins().registry_version >= 1
    with pytest.raises(RefusedError, match="another root"):
        raise_pins(Pins(root_public="other", registry_version=9, policy_version=9))
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=0))
    assert pins().policy_version == 1


def test_unreadable_pins_trust_nobody(granted, world, work, settings):
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    (settings.STATE_DIR / "pins.json").write_text("{", encoding="utf-8")

    assert_refused(world, work(), "pins")
