import pytest

from proof import canonical, documents, multisig, sshsig
from proof.documents import POLICY_PAYLOAD, REGISTRY_PAYLOAD
from proof.envelope import SignatureError, pae
from proof.keys import SERVICE, Key, key_id_of
from tests.proof.cast import PASSKEY, ROOT, SSH, pem, service_key
from tests.proof.factory import registry

DOCUMENT = b'{"a":1}'
PEOPLE = registry()
INSTALLATION = Key(key_id=key_id_of(pem(ROOT)), key_class=SERVICE, public=pem(ROOT), person_id=None)
KEYS = [INSTALLATION, PEOPLE.key(SSH["ben"].key_id), PEOPLE.key(PASSKEY["cleo"].key_id)]


def signed(*signers, payload_type=REGISTRY_PAYLOAD, data=DOCUMENT):
    found = multisig.sign_with_ed25519(ROOT, payload_type, data)
    for signer in signers:
        found = multisig.add_signature(found, signer.sign_document(payload_type, data))
    return found


def verify(signatures, threshold=3, *, payload_type=REGISTRY_PAYLOAD, data=DOCUMENT, among=KEYS):
    return multisig.verify_threshold(signatures, payload_type, data, among, threshold)


def test_three_kinds_of_signatures_make_a_threshold():
    everybody = signed(SSH["ben"], PASSKEY["cleo"])

    assert verify(everybody) == tuple(sorted(key.key_id for key in KEYS))
    assert verify(signed(SSH["ben"]), 2)
    with pytest.raises(SignatureError, match="it takes 3"):
        verify(signed(SSH["ben"]))


def test_nobody_is_enough_for_no_threshold():
    with pytest.raises(SignatureError):
        verify(signed(), 0)


def test_signatures_by_others_are_passed_over_and_never_count():
    with pytest.raises(SignatureError, match="it takes 2"):
        verify(signed(SSH["dan"], SSH["eve"]), 2)


def test_a_person_counts_once():
    both = [*KEYS, PEOPLE.key(PASSKEY["ben"].key_id)]

    with pytest.raises(SignatureError, match="it takes 3"):
        verify(signed(SSH["ben"], PASSKEY["ben"]), among=both)


def test_signatures_are_for_one_document_of_one_type():
    everybody = signed(SSH["ben"], PASSKEY["cleo"])

    for changes in ({"data": b"{}"}, {"payload_type": POLICY_PAYLOAD}):
        with pytest.raises(SignatureError, match="another document"):
            verify(everybody, **changes)
    with pytest.raises(SignatureError, match="another document"):
        multisig.sign_with_ed25519(ROOT, REGISTRY_PAYLOAD, b"{}", everybody)


def test_an_ssh_signature_for_another_purpose_spoils_it():
    armored = sshsig.sign(SSH["ben"].private, documents.DECISION_NAMESPACE, pae(REGISTRY_PAYLOAD, DOCUMENT))
    odd = multisig.add_signature(signed(), multisig.Signature(key_id=SSH["ben"].key_id, made=armored))

    with pytest.raises(SignatureError, match="another purpose"):
        verify(odd, 1)
    with pytest.raises(SignatureError, match="not signed by several"):
        multisig.namespace_of("text/plain")


def test_a_wrong_signature_by_one_of_the_keys_spoils_it():
    value = canonical.loads(signed(SSH["ben"], PASSKEY["cleo"]), max_bytes=400_000)
    wrong = multisig.sign_with_ed25519(service_key("mallory"), REGISTRY_PAYLOAD, DOCUMENT)
    raw = canonical.loads(wrong, max_bytes=400_000)["signatures"][0]["signature"]
    for item in value["signatures"]:
        if item["kind"] == "ed25519":
            item["signature"] = raw

    with pytest.raises(SignatureError, match="is wrong"):
        verify(canonical.dumps(value, max_bytes=400_000), 1)


def test_a_signature_of_another_kind_than_its_key_spoils_it():
    stolen = multisig.Signature(key_id=SSH["ben"].key_id, made=ROOT.sign(b""))

    with pytest.raises(SignatureError, match="another kind"):
        verify(multisig.add_signature(signed(), stolen), 1)


def test_a_passkey_answers_under_its_own_credential():
    made = PASSKEY["cleo"].sign_document(REGISTRY_PAYLOAD, DOCUMENT)
    other = multisig.Signature(key_id=made.key_id, made=made.made, credential_id=PASSKEY["ben"].credential_id)

    with pytest.raises(SignatureError, match="another credential"):
        verify(multisig.add_signature(signed(), other), 1)


def test_signing_again_replaces():
    twice = multisig.add_signature(signed(PASSKEY["cleo"]), PASSKEY["cleo"].sign_document(REGISTRY_PAYLOAD, DOCUMENT))

    assert len(multisig.parse_signatures(twice).signatures) == 2


@pytest.mark.parametrize("change", [
    {"more": 1}, {"_type": "urn:other"}, {"signatures": [{}]}, {"payload_sha256": "x"},
])  # fmt: skip
def test_a_malformed_file_is_refused(change):
    value = canonical.loads(signed(), max_bytes=400_000)

    with pytest.raises(SignatureError, match="malformed"):
        verify(canonical.dumps({**value, **change}), 1)


def test_one_signature_a_key_in_order():
    value = canonical.loads(signed(SSH["ben"]), max_bytes=400_000)
    for listed in (value["signatures"][::-1], value["signatures"][:1] * 2):
        with pytest.raises(SignatureError, match="in the order"):
            verify(canonical.dumps({**value, "signatures": listed}), 1)
