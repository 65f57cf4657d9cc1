"""Forged and outdated registries and policies: rows say nothing, and what the executor remembers cannot be unmade."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from agents.execution.follower import LogError, follow
from agents.execution.pins import Pins, pins, raise_pins
from approvals import bundles
from approvals.models import PolicyVersion, RegistryVersion
from approvals.services.activate_policy import activate_policy
from approvals.services.revoke_key import revoke_key
from audit import keystore, ledger
from audit.models import Document
from audit.services.sequence import sequence_all
from core import clock
from core.actors import SYSTEM
from core.errors import RefusedError
from proof import canonical
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD
from proof.keys import pem_of
from proof.signatures import sign_detached
from tests.agents.execution.refusal import assert_refused, force


def entry_of(verb, name, document, signer, payload_type):
    """What somebody who can write to the ledger's tables may add: an entry that names a version of their own."""
    content = canonical.dumps(document, max_bytes=4_000_000)
    documents = {
        name: ledger.keep(payload_type, content),
        "signature": ledger.keep("application/json", sign_detached(signer, payload_type, content)),
    }
    with transaction.atomic():
        ledger.append(actor=SYSTEM, verb=verb, subject=f"{name}:{document['version']}", documents=documents)
    sequence_all()
    return documents


def test_a_forged_registry_in_the_log_teaches_nothing_once_the_root_is_pinned(granted, world, work):
    sequence_all()
    follow()
    before = pins()
    mallory = Ed25519PrivateKey.generate()
    newest = RegistryVersion.objects.latest("version")
    document = canonical.loads(ledger.fetch(newest.sha256), max_bytes=4_000_000)
    document |= {"version": newest.version + 1, "previous_sha256": newest.sha256}
    document["root"]["keys"][0] |= {"public": pem_of(mallory.public_key()), "key_id": canonical.sha256(b"x")}
    entry_of("registry.published", "registry", document, mallory, REGISTRY_PAYLOAD)

    follow()

    assert pins() == before
    assert work().state == "COMPLETED"


def test_rows_of_another_registry_change_nothing(granted, world, work):
    RegistryVersion.objects.update(sha256="ab" * 32)
    force(granted)

    assert work().state == "COMPLETED"


def test_a_registry_that_went_back_in_time_is_refused(granted, world, work):
    newest = RegistryVersion.objects.latest("version").version
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=newest + 1, policy_version=1))

    assert_refused(world, work(), f"version {newest + 1} is known to exist")


def test_another_registry_of_the_same_version_is_refused(granted, world, work):
    newest = RegistryVersion.objects.latest("version").version
    raise_pins(
        Pins(
            root_public=keystore.public_pem("root"),
            registry_version=newest,
            registry_sha256="ab" * 32,
            policy_version=1,
        )
    )

    assert_refused(world, work(), f"Version {newest} of the registry is not the one")


def test_a_revocation_that_somebody_took_away_is_remembered(granted, world, work, cast, owner):
    """Ben revokes his key after signing; an owner of the database removes that version before the executor acts."""
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="lost")
    sequence_all()
    RegistryVersion.objects.filter(version=RegistryVersion.objects.latest("version").version).delete()

    assert_refused(world, work(), "has been revoked")


def test_a_registry_that_the_log_names_and_nobody_shows_stops_everything(granted, world, work, cast, owner):
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="lost")
    sequence_all()
    Document.objects.filter(pk=RegistryVersion.objects.latest("version").sha256).delete()

    assert_refused(world, work(), "names a registry that nobody shows")


def test_a_new_policy_that_somebody_took_away_is_remembered(granted, world, work, owner):
    version = activate_policy("default", actor=SYSTEM).version
    sequence_all()
    follow()
    PolicyVersion.objects.filter(version=version).delete()
    force(granted, state="EXECUTING")

    assert_refused(world, work(), "under another policy")


@pytest.fixture
def local(settings):
    """Asked for first: what is made from here on is a local installation's."""
    settings.EMBEDDED = True


def test_production_does_not_run_on_the_registry_of_a_local_installation(local, granted, world, work, settings):
    settings.EMBEDDED = False

    assert_refused(world, work(), "that of a local installation")


def test_a_lowered_policy_that_the_root_did_not_sign_teaches_nothing(waiting, world, work):
    sequence_all()
    follow()
    before = pins()
    document = canonical.loads(bundles.in_force().content, max_bytes=1_000_000)
    document |= {"version": bundles.in_force().version + 1, "protected_targets": []}
    documents = entry_of("policy.activated", "policy", document, Ed25519PrivateKey.generate(), POLICY_PAYLOAD)
    PolicyVersion.objects.create(
        version=document["version"],
        sha256=documents["policy"],
        signature_sha256=documents["signature"],
        created_at=clock.now(),
    )

    follow()

    assert pins() == before


def test_an_older_policy_than_the_executor_knows_is_refused(granted, world, work):
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=1, policy_version=9))

    assert_refused(world, work(), "but 9 is known to exist")


def test_the_first_registry_that_is_seen_is_pinned_by_root_and_digest_and_versions_only_rise(cast):
    assert pins() == Pins()
    sequence_all()
    follow()

    known = pins()
    newest = RegistryVersion.objects.latest("version")
    assert known.root_public == keystore.public_pem("root")
    assert (known.registry_version, known.registry_sha256) == (newest.version, newest.sha256)
    with pytest.raises(RefusedError, match="another root"):
        raise_pins(Pins(root_public="other", registry_version=9, policy_version=9))
    raise_pins(Pins(root_public=known.root_public, registry_version=1, policy_version=0))
    assert pins() == known


def test_another_root_by_hand_is_not_believed_by_the_log_of_the_old_one(cast, settings):
    sequence_all()
    raise_pins(Pins(root_public=pem_of(Ed25519PrivateKey.generate().public_key())))

    assert follow() == 0
    assert pins().registry_version == 0


def test_unreadable_pins_trust_nobody(granted, world, work, settings):
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    (settings.STATE_DIR / "pins.json").write_text("{", encoding="utf-8")

    assert_refused(world, work(), "pins")


def test_the_executor_says_why_it_follows_no_further(cast):
    sequence_all()
    raise_pins(Pins(root_public=keystore.public_pem("root"), registry_version=99, policy_version=1))

    with pytest.raises(LogError, match="99 is known to exist"):
        follow()
