import pytest

from proof import canonical, keys
from proof.registry import RegistryError, parse_chain, parse_registry
from tests.proof.cast import LOG, PASSKEY, POLICY, ROOT, SSH, at, pem, service_key
from tests.proof.factory import (
    key_entry,
    person_entry,
    registry,
    root_key,
    root_of,
    service_entry,
    signed_registry,
)


def follow(before, private=ROOT, **changes):
    version = canonical.loads(before[0], max_bytes=4_000_000)["version"] + 1
    fields = {"version": version, "previous_sha256": canonical.sha256(before[0]), "created_at": at(version)}
    return signed_registry(private, **{**fields, **changes})


def refused(why, chain=None, *, pinned=None, **changes):
    with pytest.raises(RegistryError, match=why):
        parse_registry(chain or [signed_registry(**changes)], root_public=pinned or pem(ROOT))


def test_it_says_who_has_which_key():
    found = registry()

    assert found.key(SSH["ben"].key_id).person_id == "ben"
    assert found.key(PASSKEY["ben"].key_id).key_class == "webauthn"
    assert found.key(keys.key_id_of(pem(LOG))).key_class == "service"
    assert found.person("ben").roles == {"approver", "operator"}
    assert found.service("policy").max_tier == "MEDIUM"
    assert (found.key("00"), found.person("nobody"), found.service("nothing")) == (None, None, None)


def test_versions_follow_each_other():
    first = signed_registry()
    second = follow(first, persons=[])

    assert parse_registry([first, second], root_public=pem(ROOT)).version == 2
    assert [item.version for item in parse_chain([first, second], root_public=None)] == [1, 2]
    refused("does not follow", [second])
    refused("does not follow", [first, first])
    refused("does not follow", [first, follow(first, previous_sha256="00" * 32)])
    refused("does not follow", [first, follow(first, installation="0b" * 16)])
    refused("older", [first, follow(first, created_at="2026-03-01T11:00:00.000000Z")])
    with pytest.raises(RegistryError, match="no registry"):
        parse_registry([], root_public=None)


def test_a_version_that_the_root_did_not_sign_is_refused():
    mallory = service_key("mallory")

    refused("not signed by its root", [signed_registry(mallory)])
    refused("not signed by the root before it", [signed_registry(), follow(signed_registry(), mallory)])
    refused("another root", pinned=pem(mallory))


def test_a_root_cannot_be_replaced_from_within():
    mallory = service_key("mallory")
    names = root_of(root_key(mallory))

    refused("not signed by its root", [signed_registry(), follow(signed_registry(), root=names)])
    refused("not signed by the root before", [signed_registry(), follow(signed_registry(), mallory, root=names)])


def test_a_tampered_document_is_refused():
    data, signature = signed_registry()

    refused("not signed", [(data.replace(b'"person_id":"ben"', b'"person_id":"bex"'), signature)])


@pytest.mark.parametrize("name", ["ssh", "passkey"])
def test_one_key_under_two_persons_makes_it_invalid(name):
    signer = {"ssh": SSH, "passkey": PASSKEY}[name]["ben"]
    twice = [person_entry("ben", keys=[key_entry(signer)]), person_entry("cleo", keys=[key_entry(signer)])]

    refused("twice", persons=twice)


def test_one_key_in_two_forms_is_one_key():
    pem_text = keys.pem_of(SSH["ben"].private.public_key())
    web = {**key_entry(PASSKEY["cleo"]), "public": pem_text, "key_id": keys.key_id_of(pem_text)}

    refused("twice", persons=[person_entry("ben"), person_entry("cleo", keys=[web])])


def test_a_services_key_is_no_persons_key():
    web = {**key_entry(PASSKEY["ben"]), "public": pem(POLICY), "key_id": keys.key_id_of(pem(POLICY))}

    refused("twice", persons=[person_entry("ben", keys=[web])])


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("twice", {"persons": [person_entry("ben"), person_entry("ben", keys=[])]}),
        ("twice", {"services": [service_entry("log", LOG), service_entry("log", POLICY)]}),
        ("not that", {"services": [service_entry("log", LOG, key_id="00" * 32)]}),
        ("not that", {"services": [service_entry("log", LOG, public=SSH["ben"].public)]}),
        ("not that", {"persons": [person_entry("ben", keys=[key_entry(SSH["ben"], key_id="00" * 32)])]}),
        ("root's id", {"root": root_of({**root_key(ROOT), "key_id": "00" * 32})}),
        ("lacks", {"persons": [person_entry("ben", keys=[key_entry(PASSKEY["ben"], rp_id="")])]}),
        ("lacks", {"persons": [person_entry("ben", keys=[key_entry(PASSKEY["ben"], origins=[])])]}),
        ("malformed", {"persons": [person_entry("ben", keys=[key_entry(PASSKEY["ben"], credential_id="=")])]}),
        ("cannot have", {"persons": [person_entry("ben", keys=[key_entry(SSH["ben"], **{"class": "ssh-sk"})])]}),
        ("malformed", {"persons": [person_entry("ben", keys=[key_entry(PASSKEY["ben"], **{"class": "ssh-file"})])]}),
        ("lacks", {"persons": [person_entry("ben", keys=[key_entry(SSH["ben"], **{"class": "webauthn"})])]}),
        ("malformed", {"persons": [person_entry("ben", keys=[key_entry(SSH["ben"], **{"class": "service"})])]}),
        ("malformed", {"persons": [person_entry("ben", keys=[key_entry(SSH["ben"], revoked_at="yesterday")])]}),
        ("malformed", {"more": 1}),
        ("malformed", {"mode": "test"}),
        ("demo people", {"mode": "production", "persons": [person_entry("ben", demo=True)]}),
    ],
)
def test_a_registry_that_contradicts_itself_is_invalid(why, changes):
    refused(why, **changes)


def test_the_credential_of_a_passkey_is_listed_once():
    web = key_entry(PASSKEY["cleo"], credential_id=PASSKEY["ben"].credential_id)

    refused("twice", persons=[person_entry("ben"), person_entry("cleo", keys=[web])])


def test_five_hundred_people_fit():
    people = [person_entry("ben", person_id=f"p{number}", keys=[]) for number in range(500)]

    assert len(registry(persons=people).persons) == 500
