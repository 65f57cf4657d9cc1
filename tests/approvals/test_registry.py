"""The signed registry: made once, chained, and the only thing that says whose key is whose."""

import pytest
from django.db import transaction

from approvals import possession, registry
from approvals.models import PersonKey, RegistryVersion
from approvals.services.enrol_key import enrol_key
from approvals.services.ensure_registry import ensure_registry
from approvals.services.revoke_key import revoke_key
from audit import keystore
from audit.models import Entry
from core.actors import SYSTEM
from core.errors import BadInputError, NotPermittedError, RefusedError, WrongStateError
from proof.keys import key_id_of
from tests.approvals.cast import member, public_line

pytestmark = pytest.mark.django_db


def test_the_first_registry_names_root_services_and_people(cast):
    found = registry.current()

    assert found.root_public == keystore.public_pem("root")
    assert found.service("policy").key_id == key_id_of(keystore.public_pem("policy"))
    assert found.service("policy").max_tier == "MEDIUM"
    assert {service.name for service in found.services} == {"policy", "log", "executor"}
    assert found.person(cast.ben.person.pk).roles == {"approver", "operator"}
    assert found.key(cast.ben.key.key_id).person_id == cast.ben.person.pk


def test_ensuring_it_again_changes_nothing(cast):
    before = RegistryVersion.objects.count()

    ensure_registry(actor=SYSTEM)

    assert RegistryVersion.objects.count() == before


def test_a_moved_address_is_a_new_version(cast, settings):
    settings.PUBLIC_URL = "https://ops.example.org"

    version = ensure_registry(actor=SYSTEM)

    assert version.version == RegistryVersion.objects.count()
    assert registry.current().rp_id == "ops.example.org"


def test_nobody_but_the_host_or_an_owner_sets_it_up(cast):
    with pytest.raises(NotPermittedError):
        ensure_registry(actor=cast.mallory.actor)


def test_the_policy_service_may_speak_to_the_policys_executor_alone(cast):
    assert registry.current().service("policy").audience == "executor:lab"


def test_each_enrolment_publishes_the_next_version_and_says_so_in_the_ledger(cast):
    before = RegistryVersion.objects.latest("version").version

    added = member("ben")

    assert registry.current().version == before + 1
    assert registry.current().key(added.key.key_id).status == "active"
    verbs = list(Entry.objects.order_by("-id").values_list("verb", flat=True)[:2])
    assert verbs == ["key.enrolled", "registry.published"]


def test_a_key_belongs_to_one_person(cast):
    twin = possession.from_file(public_line(cast.ben.private), label="mine now")

    with pytest.raises(RefusedError, match="under another person"):
        enrol_key(cast.mallory.person, twin, actor=SYSTEM, how="ssh-file-on-host")


def test_a_revoked_key_counts_no_more_and_never_comes_back(cast):
    revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="lost")

    assert registry.current().key(cast.ben.key.key_id).status == "revoked"
    assert PersonKey.objects.get(pk=cast.ben.key.key_id).revoked_at is not None
    with pytest.raises(WrongStateError):
        revoke_key(cast.ben.key.key_id, actor=SYSTEM, why="again")
    twin = possession.from_file(public_line(cast.ben.private), label="found it")
    with pytest.raises(RefusedError, match="already enrolled by you"):
        enrol_key(cast.ben.person, twin, actor=SYSTEM, how="ssh-file-on-host")


@pytest.mark.parametrize("who", ["ada", "ben", "cleo", "mallory", "oda"])
def test_no_person_revokes_or_enrols_a_key_without_a_signature(cast, who):
    actor = getattr(cast, who).actor

    with pytest.raises(NotPermittedError):
        revoke_key(cast.ben.key.key_id, actor=actor, why="because")
    with pytest.raises(NotPermittedError):
        enrol_key(cast.ben.person, possession.from_file(cast.ben.key.public, label="x"), actor=actor, how="session")


@pytest.mark.parametrize(
    "line",
    [
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7",
        # the neutral element: any signature would fit
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "not a key",
        "",
    ],
)
def test_weak_and_unknown_keys_are_refused(line):
    with pytest.raises(BadInputError):
        possession.from_file(line, label="x")


@pytest.mark.parametrize("label", ["", "  ", "x" * 81])
def test_a_key_needs_a_name(cast, label):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    new = possession.from_file(public_line(Ed25519PrivateKey.generate()), label=label)
    with pytest.raises(BadInputError):
        enrol_key(cast.ben.person, new, actor=SYSTEM, how="ssh-file-on-host")


def test_a_forged_version_is_not_believed(cast):
    """An owner of the database writes a registry of his own: the root key did not sign it."""
    chain = registry.chain()
    forged = chain[-1][0].replace(cast.ben.person.pk.encode(), cast.mallory.person.pk.encode())
    row = RegistryVersion.objects.latest("version")
    with transaction.atomic():
        from audit import ledger

        row.sha256 = ledger.keep("application/json", forged)
        row.save()

    with pytest.raises(RefusedError, match="does not hold"):
        registry.current()
