"""A root hands over and is never taken: thresholds, people's keys, epochs."""

import pytest

from proof import canonical, documents, multisig
from proof.envelope import SignatureError
from proof.registry import RegistryError, epochs, parse_chain, parse_registry, verify_policy
from tests.proof.cast import PASSKEY, ROOT, SSH, at, pem, service_key
from tests.proof.factory import (
    key_entry,
    person_entry,
    person_root_key,
    policy_document,
    registry,
    registry_document,
    root_key,
    root_of,
    signed_registry,
)

PINNED, LATER = pem(ROOT), at(3)
RECOVERY, FOUNDED = service_key("recovery"), service_key("founded anew")
BEN, CLEO = person_root_key("ben", SSH["ben"]), person_root_key("cleo", PASSKEY["cleo"])
TWO_OF_THREE = root_of(root_key(RECOVERY, "recovery"), BEN, CLEO, threshold=2)


def following(before, signers, **changes):
    version = canonical.loads(before[0], max_bytes=4_000_000)["version"] + 1
    fields = {"version": version, "previous_sha256": canonical.sha256(before[0]), "created_at": at(version)}
    return signed_by(signers, registry_document(**{**fields, **changes}), documents.REGISTRY_PAYLOAD)


def signed_by(signers, data, payload_type):
    signatures = multisig.unsigned(payload_type, data)
    for signer in signers:
        if hasattr(signer, "sign_document"):
            signatures = multisig.add_signature(signatures, signer.sign_document(payload_type, data))
        else:
            signatures = multisig.sign_with_ed25519(signer, payload_type, data, signatures)
    return data, signatures


FIRST = signed_registry()
SECOND = following(FIRST, [ROOT, SSH["ben"], PASSKEY["cleo"]], root=TWO_OF_THREE)


def refused(why, *chain, pinned=PINNED):
    with pytest.raises(RegistryError, match=why):
        parse_registry(chain, root_public=pinned)


def test_a_root_hands_over_to_people():
    found = parse_registry([FIRST, SECOND], root_public=pem(ROOT))

    assert (found.root.threshold, found.root_public) == (2, pem(ROOT))
    assert [key.person_id for key in found.root_signers()] == [None, "ben", "cleo"]


@pytest.mark.parametrize(
    "signers", [[ROOT], [ROOT, SSH["ben"]], [SSH["ben"], PASSKEY["cleo"]], [ROOT, SSH["ben"], SSH["cleo"]], []]
)
def test_a_handover_needs_the_old_root_and_enough_of_the_new_one(signers):
    refused("not signed", FIRST, following(FIRST, signers, root=TWO_OF_THREE))


@pytest.mark.parametrize(
    "signers", [[RECOVERY, SSH["ben"]], [SSH["ben"], PASSKEY["cleo"]], [RECOVERY, PASSKEY["cleo"]]]
)
def test_any_two_of_three_publish_the_next_version_and_nobody_alone(signers):
    third = following(SECOND, signers, root=TWO_OF_THREE)

    assert parse_registry([FIRST, SECOND, third], root_public=pem(ROOT)).version == 3
    refused("the root before it", FIRST, SECOND, following(SECOND, signers[:1], root=TWO_OF_THREE))
    refused("the root before it", FIRST, SECOND, following(SECOND, [ROOT], root=TWO_OF_THREE))


def test_the_installation_cannot_take_the_root_back():
    refused("the root before it", FIRST, SECOND, following(SECOND, [ROOT]))


def test_a_threshold_falls_only_by_the_threshold_in_force():
    lower = root_of(BEN)

    refused("the root before it", FIRST, SECOND, following(SECOND, [SSH["ben"]], root=lower))
    third = following(SECOND, [SSH["ben"], RECOVERY], root=lower)
    assert parse_registry([FIRST, SECOND, third], root_public=pem(ROOT)).root.threshold == 1


def test_one_person_signs_once_however_many_root_keys_they_have():
    both = root_of(BEN, person_root_key("ben", PASSKEY["ben"]), root_key(RECOVERY, "recovery"), threshold=2)
    people = [person_entry("ben"), person_entry("eve", same_as="ben")]
    twins = root_of(BEN, person_root_key("eve", SSH["eve"]), root_key(RECOVERY, "recovery"), threshold=2)

    refused("not signed by its root", FIRST, following(FIRST, [ROOT, SSH["ben"], PASSKEY["ben"]], root=both))
    alone = following(FIRST, [ROOT, SSH["ben"], SSH["eve"]], root=twins, persons=people)
    refused("not signed by its root", FIRST, alone)
    parse_registry([FIRST, following(FIRST, [ROOT, SSH["ben"], RECOVERY], root=both)], root_public=pem(ROOT))


@pytest.mark.parametrize(
    ("why", "root", "persons"),
    [
        ("not one of their listed", root_of(person_root_key("ben", SSH["cleo"])), None),
        ("not one of their listed", root_of(BEN), [person_entry("ben", keys=[])]),
        ("is revoked", root_of(BEN), [person_entry("ben", keys=[key_entry(SSH["ben"], revoked_index=3)])]),
        ("asks for 2 signers and has 1", root_of(BEN, threshold=2), None),
        ("asks for 2 signers and has 1", root_of(BEN, person_root_key("ben", PASSKEY["ben"]), threshold=2), None),
        ("root key .* twice", root_of(BEN, BEN), None),
        ("belongs to no person", root_of({**root_key(RECOVERY), "person_id": "ben"}), None),
    ],
)
def test_a_root_that_contradicts_the_registry_is_refused(why, root, persons):
    changes = {"root": root, **({"persons": persons} if persons else {})}

    refused(why, FIRST, following(FIRST, [ROOT, SSH["ben"], RECOVERY], **changes))


def test_same_as_leads_to_one_person_and_never_in_a_circle():
    people = registry(
        persons=[person_entry("ben"), person_entry("eve", same_as="ben"), person_entry("dan", same_as="eve")]
    )

    assert {people.canonical_person(name) for name in ("ben", "eve", "dan")} == {"ben"}
    circle = [person_entry("ben", same_as="eve"), person_entry("eve", same_as="ben")]
    refused("leads nowhere", signed_registry(persons=circle))
    refused("leads nowhere", signed_registry(persons=[person_entry("ben", same_as="nobody")]))
    refused("leads nowhere", signed_registry(persons=[person_entry("ben", same_as="ben")]))


def test_a_new_epoch_is_believed_only_by_those_who_pin_its_root():
    anew = following(SECOND, [FOUNDED], epoch=2, root=root_of(root_key(FOUNDED)))
    chain = [FIRST, SECOND, anew, following(anew, [FOUNDED], epoch=2, root=root_of(root_key(FOUNDED)))]

    refused("founds a new root", *chain)
    refused("founds a new root", *chain, pinned=None)
    refused("founded anew", *chain[2:], pinned=None)
    refused("another root", *chain[2:])
    for shown in (chain, chain[2:]):
        versions = parse_chain(shown, root_public=pem(FOUNDED))
        assert [(item.version, item.root_public) for item in versions] == [(3, pem(FOUNDED)), (4, pem(FOUNDED))]
    assert [len(part) for part in epochs(chain)] == [2, 2]


def test_an_epoch_begins_with_one_key_that_is_no_persons():
    data, signatures = signed_by([ROOT, RECOVERY], registry_document(root=root_of(root_key(ROOT), root_key(RECOVERY))),
                                 documents.REGISTRY_PAYLOAD)  # fmt: skip
    refused("begins with one root key", (data, signatures))
    refused(
        "begins with one root key",
        signed_by([SSH["ben"]], registry_document(root=root_of(BEN)), documents.REGISTRY_PAYLOAD),
    )


def test_roles_and_groups_come_from_the_registry():
    people = registry(persons=[person_entry("ben", roles=["key-admin"], groups=["sre"]), person_entry("cleo")])

    assert people.admins() == {"ben"}
    assert people.in_group("ben", "sre")
    assert people.in_group("ben", "key-admin")
    assert not people.in_group("cleo", "sre")
    assert not people.in_group("nobody", "sre")


class TestPolicies:
    VERSIONS = parse_chain([FIRST, SECOND], root_public=pem(ROOT))

    def signed(self, *signers, created_at=LATER):
        return signed_by(signers, policy_document(created_at=created_at), documents.POLICY_PAYLOAD)

    def test_a_policy_needs_the_threshold_of_a_root_of_its_time_or_later(self):
        data, signatures = self.signed(SSH["ben"], RECOVERY)

        assert verify_policy(data, signatures, self.VERSIONS, created_at=at(3)).version == 2

    def test_a_policy_of_before_the_handover_stays_signed(self):
        data, signatures = self.signed(ROOT, created_at=at(1))

        assert verify_policy(data, signatures, self.VERSIONS, created_at=at(1)).version == 1

    @pytest.mark.parametrize("signers", [[ROOT], [SSH["ben"]], [SSH["ben"], PASSKEY["ben"]], []])
    def test_a_root_that_has_handed_over_or_one_person_alone_signs_none(self, signers):
        data, signatures = self.signed(*signers)

        with pytest.raises(SignatureError):
            verify_policy(data, signatures, self.VERSIONS, created_at=at(3))
