"""Drafts (open_draft, sign_draft, publish_draft, void_draft, change_registry): the root is people, and none alone."""

from datetime import timedelta

import pytest

from approvals import drafting, recovery, registry, roots
from approvals.models import Draft, PersonKey
from approvals.services.change_registry import hand_root_over, link_persons, renew_person, set_groups
from approvals.services.ensure_registry import ensure_registry
from approvals.services.sign_draft import sign_draft
from approvals.services.void_draft import void_draft, void_stale
from audit.models import Entry
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, ConsoleError, NotPermittedError, RefusedError, WrongStateError
from proof import multisig
from proof.binary import b64
from proof.envelope import pae
from proof.keys import key_id_of
from proof.registry import RegistryError, parse_chain
from tests.approvals.cast import member
from tests.approvals.keyholders import cosign_with_paper, hand_over, make_key_admins

pytestmark = pytest.mark.django_db


@pytest.fixture
def together(cast):
    """Oda and Dan hold the root, with a recovery key on paper."""
    seed = recovery.new_seed()
    draft = hand_over(cast.oda, cast.dan, seed=seed)
    assert draft.state == "PUBLISHED"
    return seed


def test_in_first_use_what_is_asked_is_published_at_once(cast):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    assert draft.state == "PUBLISHED"
    assert registry.current().person(cast.ben.person.pk).groups == {"sre"}


def test_the_installation_key_leaves_and_two_key_admins_take_over(cast, together):
    found = registry.current()

    assert not roots.is_first_use(found)
    assert (found.root.threshold, {key.kind for key in found.root.keys}) == (2, {"person", "recovery"})
    assert not roots.holds_root(found)
    assert parse_chain(registry.chain(), root_public=registry.root_public())[-1] == found


def test_one_key_admin_alone_changes_nothing(cast, together):
    before = registry.current().version
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    draft = cast.oda.cosign(draft)

    assert (draft.state, registry.current().version) == ("OPEN", before)
    with pytest.raises(WrongStateError, match="signed this already"):
        cast.oda.cosign(draft)
    assert cast.dan.cosign(draft).state == "PUBLISHED"
    assert registry.current().person(cast.ben.person.pk).groups == {"sre"}


def test_the_installations_key_signs_nothing_any_more(cast, together):
    """Whoever controls the computer has its root key, and writes a version with it."""
    from audit import keystore
    from proof.documents import REGISTRY_PAYLOAD

    found = registry.current()
    document = drafting.next_document(found, [], created_at=clock.now())
    data = drafting.dumps(document)
    forged = multisig.sign_with_ed25519(keystore.private("root"), REGISTRY_PAYLOAD, data)

    with pytest.raises(RegistryError, match="not signed by"):
        parse_chain([*registry.chain(), (data, forged)], root_public=registry.root_public())


def test_the_host_cannot_enrol_a_key_without_them(cast, together):
    before = PersonKey.objects.count()

    added = member("ben")

    assert added.key is None
    assert PersonKey.objects.count() == before
    assert Draft.objects.filter(state="OPEN").count() == 1


@pytest.mark.parametrize("who", ["ada", "ben", "mallory"])
def test_nobody_else_signs_a_draft(cast, together, who):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    with pytest.raises(NotPermittedError):
        getattr(cast, who).cosign(draft)


def test_a_signature_by_another_key_over_other_bytes_or_for_another_purpose_is_refused(cast, together):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    data = drafting.content(draft)

    from proof.documents import REGISTRY_PAYLOAD
    from proof.sshsig import sign

    for private, namespace, payload in (
        (cast.mallory.private, multisig.namespace_of(REGISTRY_PAYLOAD), pae(REGISTRY_PAYLOAD, data)),
        (cast.oda.private, "countersign-policy-v1", pae(REGISTRY_PAYLOAD, data)),
        (cast.oda.private, multisig.namespace_of(REGISTRY_PAYLOAD), pae(REGISTRY_PAYLOAD, data + b" ")),
        (cast.oda.private, multisig.namespace_of(REGISTRY_PAYLOAD), data),
    ):
        signature = {"kind": "ssh", "key_id": cast.oda.key.key_id, "signature": sign(private, namespace, payload)}
        with pytest.raises(RefusedError, match="does not hold"):
            sign_draft(draft.pk, signature, actor=cast.oda.actor)
    with pytest.raises(BadInputError):
        sign_draft(draft.pk, {"kind": "ssh"}, actor=cast.oda.actor)


def test_a_session_does_not_hand_in_somebody_elses_signature(cast, together):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    class Odas(type(cast.dan)):
        @property
        def actor(self):
            return cast.oda.actor

    stolen = Odas(person=cast.dan.person, private=cast.dan.private, key=cast.dan.key)
    with pytest.raises(RefusedError, match="somebody else's key"):
        stolen.cosign(draft)


def test_one_draft_is_open_and_the_others_wait_their_turn(cast, together):
    first = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    second = renew_person(cast.cleo.person, actor=cast.oda.actor)
    assert (first.state, second.state) == ("OPEN", "WAITING")
    with pytest.raises(WrongStateError, match="has its turn"):
        sign_draft(second.pk, {"kind": "ssh"}, actor=cast.oda.actor)

    cast.dan.cosign(cast.oda.cosign(first))

    second.refresh_from_db()
    assert second.state == "OPEN"
    assert cast.dan.cosign(cast.oda.cosign(second)).state == "PUBLISHED"


def test_a_waiting_draft_that_no_longer_makes_sense_is_voided_with_the_reason(cast, together):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from approvals import possession
    from approvals.services.enrol_key import enrol_key
    from tests.approvals.cast import public_line

    key = possession.from_file(public_line(Ed25519PrivateKey.generate()), label="new")
    enrol_key(cast.ben.person, key, actor=SYSTEM, how="ssh-file-on-host")
    enrol_key(cast.cleo.person, key, actor=SYSTEM, how="ssh-file-on-host")
    first, second = Draft.objects.order_by("-pk")[:2][::-1]

    cast.dan.cosign(cast.oda.cosign(first))

    second.refresh_from_db()
    assert second.state == "VOIDED"
    assert "under another person" in second.note


def test_a_stale_draft_is_voided(cast, together, monkeypatch):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    later = clock.now() + drafting.OPEN_FOR + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(WrongStateError, match="is over"):
        cast.oda.cosign(draft)
    assert void_stale(actor=SYSTEM) == 1
    draft.refresh_from_db()
    assert draft.note.startswith("Not signed in time")


def test_whoever_asked_or_a_key_admin_voids_a_draft_and_nobody_else(cast, together):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    with pytest.raises(NotPermittedError):
        void_draft(draft.pk, actor=cast.ben.actor, note="no")
    assert void_draft(draft.pk, actor=cast.dan.actor, note="not now").state == "VOIDED"
    assert Entry.objects.filter(verb="keys.voided", subject=f"draft:{draft.pk}").exists()


def test_the_root_is_not_handed_to_one_person_without_a_recovery_key(cast):
    make_key_admins(cast.oda)

    with pytest.raises(RefusedError, match="It takes two"):
        hand_root_over(actor=cast.oda.actor)


def test_the_root_is_not_handed_to_somebody_who_does_not_sign_that(cast):
    make_key_admins(cast.oda, cast.dan)
    draft = hand_root_over(actor=cast.oda.actor)

    draft = cast.oda.cosign(draft)

    assert draft.state == "OPEN"
    assert roots.is_first_use(registry.current())


def test_a_version_of_first_use_voids_a_ceremony_that_is_under_way(cast):
    make_key_admins(cast.oda, cast.dan)
    draft = hand_root_over(actor=cast.oda.actor)

    set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    draft.refresh_from_db()
    assert draft.state == "VOIDED"


def test_the_threshold_falls_only_by_the_threshold_in_force(cast, together):
    draft = hand_root_over(actor=cast.oda.actor, threshold=1)

    draft = cast.oda.cosign(draft)
    assert draft.state == "OPEN"
    assert cast.dan.cosign(draft).state == "PUBLISHED"
    assert registry.current().root.threshold == 1


def test_a_new_key_admin_is_of_the_root_once_the_others_signed_that(cast, together):
    from approvals.services.change_registry import bring_in_step
    from core.actors import Role
    from people.services.grant_role import grant_role

    grant_role("cleo", Role.KEY_ADMIN, actor=SYSTEM)
    draft = bring_in_step(cast.cleo.person, actor=SYSTEM, why="role.granted")
    assert cast.cleo.key.key_id not in {key.key_id for key in registry.current().root.keys}

    cast.dan.cosign(cast.oda.cosign(draft))

    assert cast.cleo.key.key_id in {key.key_id for key in registry.current().root.keys}


def test_linked_accounts_are_one_signer_of_the_root(cast, together):
    """Dan links a second account of his, a key-admin too: two of his signatures are one."""
    from approvals.services.change_registry import bring_in_step
    from core.actors import Role
    from people.services.grant_role import grant_role

    grant_role("eve", Role.KEY_ADMIN, actor=SYSTEM)
    for draft in (
        bring_in_step(cast.eve.person, actor=SYSTEM, why="role.granted"),
        link_persons(cast.eve.person.pk, cast.dan.person.pk, actor=SYSTEM),
    ):
        draft.refresh_from_db()
        cast.dan.cosign(cast.oda.cosign(draft))
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    draft = cast.dan.cosign(draft)
    with pytest.raises(ConsoleError):
        cast.eve.cosign(draft)

    assert Draft.objects.get(pk=draft.pk).state == "OPEN"


def test_the_address_moves_by_their_signatures_too(cast, together, settings):
    settings.PUBLIC_URL = "https://ops.example.org"
    before = registry.current()

    ensure_registry(actor=SYSTEM)
    ensure_registry(actor=SYSTEM)

    assert registry.current().origins == before.origins
    draft = Draft.objects.get(state="OPEN")
    cast.dan.cosign(cast.oda.cosign(draft))
    assert registry.current().rp_id == "ops.example.org"


def test_the_recovery_key_stands_in_for_whoever_lost_theirs(cast, together):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)

    draft = cosign_with_paper(cast.oda.cosign(draft), together, cast.oda)

    assert draft.state == "PUBLISHED"


def test_another_paper_is_not_the_recovery_key(cast, together):
    draft = set_groups(cast.ben.person, ["sre"], actor=cast.oda.actor)
    with pytest.raises(RefusedError, match="not of the root"):
        cosign_with_paper(draft, recovery.new_seed(), cast.oda)
    other = recovery.private_of(recovery.new_seed())
    signature = {
        "kind": "ed25519",
        "key_id": key_id_of(recovery.public_of(together)),
        "signature": b64(other.sign(b"x")),
    }
    with pytest.raises(RefusedError, match="does not hold"):
        sign_draft(draft.pk, signature, actor=cast.oda.actor)
