import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from proof import canonical, documents, envelope, keys, signatures
from proof.envelope import SignatureError
from tests.proof.cast import LOG, PASSKEY, ROOT, SSH, at, pem
from tests.proof.factory import automatic, change, decide, key_entry, person_entry, registry, restart, statement

HIGH = change()


def test_the_encoding_is_that_of_the_protocols_example(vectors):
    case = json.loads((vectors / "notes.json").read_text())["dsse"]
    data = envelope.pae(case["payloadType"], base64.b64decode(case["payload"]))
    numbers = ec.EllipticCurvePublicNumbers(int(case["p256"]["x"]), int(case["p256"]["y"]), ec.SECP256R1())
    raw = base64.b64decode(case["sig_p1363_b64"])
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    assert data.decode() == case["pae"]
    keys.check_signature(numbers.public_key(), der, data)


def test_lengths_count_bytes():
    assert envelope.pae("é", b"\xff") == b"DSSEv1 2 \xc3\xa9 1 \xff"


def test_a_detached_signature_is_good_for_its_key_type_and_document_only():
    signature = signatures.sign_detached(ROOT, "a/b", b"{}")
    good = {"public": pem(ROOT), "payload_type": "a/b", "payload": b"{}"}

    signatures.verify_detached(signature, **good)
    for change_ in (
        {"public": pem(LOG)},
        {"payload_type": "a/c"},
        {"payload": b"[]"},
        {"public": PASSKEY["ben"].public},
    ):
        with pytest.raises(SignatureError):
            signatures.verify_detached(signature, **{**good, **change_})


def test_a_damaged_detached_signature_is_refused():
    value = canonical.loads(signatures.sign_detached(ROOT, "a/b", b"{}"))
    for name, other in (("signature", "AAAA"), ("signature", "!"), ("key_id", "00" * 32), ("_type", "x"), ("more", 1)):
        with pytest.raises(SignatureError):
            signatures.verify_detached(
                canonical.dumps({**value, name: other}), public=pem(ROOT), payload_type="a/b", payload=b"{}"
            )


def test_each_form_of_sidecar_says_whose_key_signed_what():
    people = registry()

    for signer, key_class in ((SSH["ben"], "ssh-file"), (PASSKEY["ben"], "webauthn")):
        found = signatures.verify_sidecar(decide("ben", HIGH, signer=signer), people)
        assert (found.key_id, found.key_class, found.person_id) == (signer.key_id, key_class, "ben")
        assert found.statement == statement("ben", HIGH, signer)
    found = signatures.verify_sidecar(automatic(restart()), people)
    assert (found.key_class, found.person_id) == ("service", None)


def altered(sidecar, **members):
    return canonical.dumps({**canonical.loads(sidecar, max_bytes=99_000), **members}, max_bytes=99_000)


@pytest.mark.parametrize("signer", [SSH["ben"], PASSKEY["ben"]])
@pytest.mark.parametrize(
    "members",
    [
        {"key_id": SSH["cleo"].key_id},
        {"key_id": PASSKEY["cleo"].key_id},
        {"key_id": "00" * 32},
        {"payload": base64.b64encode(b"{}").decode()},
        {"payload_type": "text/plain"},
        {"signature": "AAAA"},
        {"_type": "urn:other"},
        {"more": 1},
    ],
)
def test_altered_sidecars_are_refused(signer, members):
    with pytest.raises(SignatureError):
        signatures.verify_sidecar(altered(decide("ben", HIGH, signer=signer), **members), registry())


def test_a_passkey_answers_under_its_own_credential_only():
    sidecar = altered(decide("ben", HIGH, signer=PASSKEY["ben"]), credential_id=PASSKEY["cleo"].credential_id)

    with pytest.raises(SignatureError, match="another credential"):
        signatures.verify_sidecar(sidecar, registry())


def test_an_envelope_has_one_signature_by_a_service():
    good = canonical.loads(automatic(restart()), max_bytes=99_000)
    signature = good["signatures"][0]
    person = {"keyid": SSH["ben"].key_id, "sig": signature["sig"]}
    for signed in ([], [signature, signature], [person], [{**signature, "sig": "AAAA"}], [{**signature, "keyid": "x"}]):
        with pytest.raises(SignatureError):
            signatures.verify_sidecar(canonical.dumps({**good, "signatures": signed}), registry())


def test_a_persons_file_key_cannot_sign_as_a_service():
    medium = restart()
    forged = automatic(medium, SSH["ben"].private)

    with pytest.raises(SignatureError, match="another kind"):
        signatures.verify_sidecar(forged, registry())


def test_the_ecdsa_twin_of_a_statement_is_the_same_statement():
    people = registry(persons=[person_entry("ben", keys=[key_entry(PASSKEY["ben"])])])
    data = statement("ben", HIGH, PASSKEY["ben"])
    twins = [signatures.verify_sidecar(PASSKEY["ben"].sign(data), people) for _ in range(2)]

    assert canonical.sha256(twins[0].statement) == canonical.sha256(twins[1].statement)


def test_statements_of_other_kinds_are_not_read():
    value = canonical.loads(statement("ben", HIGH, SSH["ben"]))
    broken = [
        {"subject": []},
        {"subject": value["subject"] * 2},
        {"predicateType": "urn:other"},
        {"predicate": {**value["predicate"], "decision": "maybe"}},
        {"predicate": {**value["predicate"], "issued_at": "2026-02-30T00:00:00.000000Z"}},
        {"predicate": {**value["predicate"], "request": True}},
        {"_type": documents.CHANGE},
    ]
    for members in broken:
        with pytest.raises(documents.DocumentError):
            documents.parse_statement(canonical.dumps({**value, **members}))
    assert documents.parse_statement(canonical.dumps(value)).issued_at == at(8)


@pytest.mark.parametrize("name", ["ed25519_test.json", "ecdsa_secp256r1_sha256_test.json"])
def test_public_signature_vectors(vectors, name):
    tests = 0
    for group in json.loads((vectors / "wycheproof" / name).read_text())["testGroups"]:
        key = keys.supported(load_der_public_key(bytes.fromhex(group["publicKeyDer"])))
        for case in group["tests"]:
            try:
                keys.check_signature(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
                accepted = True
            except InvalidSignature:
                accepted = False
            assert accepted is (case["result"] == "valid"), case
            tests += 1

    assert tests > 100
