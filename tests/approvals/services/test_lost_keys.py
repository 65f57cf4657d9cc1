"""H18: teams of one, two and three lose each of their root keys in turn; refound is the last resort, and loud."""

import pytest
from django.test import Client

from approvals import recovery, registry, roots
from approvals.models import RegistryVersion
from approvals.services.change_registry import set_groups
from approvals.services.refound import refound
from approvals.services.revoke_key import revoke_key
from audit import keystore
from audit.models import Entry
from core.actors import SYSTEM
from core.errors import BadInputError, ConsoleError, NotPermittedError
from proof.registry import RegistryError, parse_chain
from tests.approvals.keyholders import cosign_with_paper, hand_over

pytestmark = pytest.mark.django_db


def goes_on(cast, present, seed) -> bool:
    """Whether those who still have their key, and the paper if there is a seed, can publish a version."""
    before = registry.current().version
    draft = set_groups(cast.ben.person, [f"g{before}"], actor=cast.oda.actor)
    for one in present:
        if draft.state == "OPEN":
            draft = one.cosign(draft)
    if seed and draft.state == "OPEN":
        draft = cosign_with_paper(draft, seed, cast.oda)
    return registry.current().version == before + 1


@pytest.mark.parametrize(("size", "lost"), [(size, lost) for size in (1, 2, 3) for lost in range(size + 1)])
def test_any_one_key_of_the_root_may_be_lost(cast, size, lost):
    seed = recovery.new_seed()
    team = [cast.oda, cast.dan, cast.eve][:size]
    assert hand_over(*team, seed=seed).state == "PUBLISHED"

    present = [one for place, one in enumerate(team) if place != lost]

    assert goes_on(cast, present, seed if lost < size else b"")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_fewer_than_the_threshold_cannot_go_on(cast, size):
    seed = recovery.new_seed()
    team = [cast.oda, cast.dan, cast.eve][:size]
    hand_over(*team, seed=seed)

    assert not goes_on(cast, team[: registry.current().root.threshold - 1], b"")


def test_a_team_of_one_has_a_root_of_the_owner_and_the_paper(cast):
    hand_over(cast.oda, seed=recovery.new_seed())

    root = registry.current().root
    assert (root.threshold, sorted(key.kind for key in root.keys)) == (1, ["person", "recovery"])


def test_all_lost_the_host_begins_a_new_epoch_that_nobody_else_believes(cast):
    hand_over(cast.oda, cast.dan)
    old, people = registry.root_public(), {person.person_id for person in registry.current().persons}

    refound(actor=SYSTEM)

    found = registry.current()
    assert (found.epoch, roots.is_first_use(found), registry.root_public() != old) == (2, True, True)
    assert {person.person_id for person in found.persons} == people
    with pytest.raises(RegistryError, match="Pin that root by hand"):
        parse_chain(registry.chain(), root_public=old)
    with pytest.raises(RegistryError):
        parse_chain(registry.chain(), root_public=None)
    assert parse_chain(registry.chain(), root_public=found.root_public)[-1] == found
    assert Entry.objects.filter(verb="registry.refounded").exists()


def test_after_it_the_console_goes_on_and_says_so(cast):
    hand_over(cast.oda, cast.dan)
    refound(actor=SYSTEM)

    assert set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor).state == "PUBLISHED"
    assert hand_over(cast.oda, cast.dan).state == "PUBLISHED"
    client = Client()
    client.force_login(cast.oda.person)
    page = client.get("/keys/").content.decode()
    assert "founded anew" in page
    assert "pin it again by hand" in page


def test_only_the_host_founds_anew(cast):
    with pytest.raises(NotPermittedError):
        refound(actor=cast.oda.actor)


def test_a_key_made_for_an_epoch_that_was_not_founded_pins_nothing(cast):
    keystore.private("root-2")

    assert registry.current().epoch == 1


def test_a_database_owner_who_founds_anew_is_not_believed(cast):
    """He writes an epoch of his own with a key of his own: the host's own root does not vouch for it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit import ledger
    from proof import canonical
    from proof.documents import REGISTRY_PAYLOAD
    from proof.keys import pem_of, spki_id
    from proof.multisig import sign_with_ed25519

    private = Ed25519PrivateKey.generate()
    document = registry.read(registry.chain()[-1][0])
    key = {"key_id": spki_id(private.public_key()), "public": pem_of(private.public_key())}
    document.update(
        version=document["version"] + 1,
        epoch=2,
        previous_sha256=registry.current().sha256,
        root={"threshold": 1, "keys": [{**key, "kind": "installation", "person_id": ""}]},
    )
    data = canonical.dumps(document, max_bytes=registry.MAX_BYTES)
    RegistryVersion.objects.create(
        version=document["version"],
        sha256=ledger.keep(REGISTRY_PAYLOAD, data),
        signature_sha256=ledger.keep("application/json", sign_with_ed25519(private, REGISTRY_PAYLOAD, data)),
        created_at=RegistryVersion.objects.latest("version").created_at,
    )

    with pytest.raises(ConsoleError, match="does not hold"):
        registry.current()


def test_the_last_key_of_a_root_is_revoked_all_the_same(cast):
    """A revocation takes effect by itself, also where the registry cannot say so any more."""
    hand_over(cast.oda, cast.dan)

    cast.oda.act("revoke-key", f"key:{cast.dan.key.key_id}", reason="stolen", compromised_since="")

    with pytest.raises(ConsoleError):
        revoke_key(cast.dan.key.key_id, actor=SYSTEM, why="again")


def test_the_words_are_the_key_and_a_wrong_word_is_noticed():
    seed = bytes(range(32))
    words = recovery.words_of(seed)

    assert recovery.seed_of("  ".join(words).upper()) == seed
    assert len(words) == 24
    for wrong in ([words[1], words[0], *words[2:]], words[:23], [*words[:23], "zebra"], [*words[:23], "xyzzy"]):
        if wrong != words:
            with pytest.raises(BadInputError):
                recovery.seed_of(" ".join(wrong))


def test_the_words_are_those_of_bip39():
    """The all-zero entropy and the one of 0x7f: vectors of the standard (trezor/python-mnemonic)."""
    assert recovery.words_of(bytes(32)) == ["abandon"] * 23 + ["art"]
    assert recovery.words_of(b"\x7f" * 32)[-1] == "title"
