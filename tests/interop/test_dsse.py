"""The library of in-toto and TUF counts the signatures under our registry as we do."""

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from proof import documents, keys
from proof.binary import b64
from proof.envelope import SignatureError
from proof.multisig import parse_signatures, sign_with_ed25519, verify_threshold
from proof.registry import parse_registry
from proof.signatures import read_sidecar
from tests.proof.cast import POLICY, ROOT, pem, service_key
from tests.proof.factory import automatic, registry_document, restart, root_key, root_of, signed_registry

pytestmark = pytest.mark.interop
RECOVERY, THIRD = service_key("recovery"), service_key("third")


def theirs(private):
    raw = keys.raw_of(private.public_key()).hex()
    return SSlibKey(keys.key_id_of(pem(private)), "ed25519", "ed25519", {"public": raw})


def envelope(payload_type, payload, signatures):
    return Envelope.from_dict(
        {"payload": b64(payload), "payloadType": payload_type, "signatures": [dict(item) for item in signatures]}
    )


@pytest.fixture
def registry():
    """Signed by two of three."""
    data = registry_document(root=root_of(*(root_key(key, "recovery") for key in (ROOT, RECOVERY, THIRD)), threshold=2))
    signed = sign_with_ed25519(ROOT, documents.REGISTRY_PAYLOAD, data)
    return data, sign_with_ed25519(RECOVERY, documents.REGISTRY_PAYLOAD, data, signed)


def as_envelope(registry, **changes):
    data, signatures = registry
    listed = [{"keyid": item.key_id, "sig": b64(item.made)} for item in parse_signatures(signatures).signatures]
    return envelope(documents.REGISTRY_PAYLOAD, changes.get("data", data), listed)


def test_two_of_three_are_two_for_both(registry):
    everybody = [theirs(key) for key in (ROOT, RECOVERY, THIRD)]

    assert len(as_envelope(registry).verify(everybody, 2)) == 2
    with pytest.raises(VerificationError):
        as_envelope(registry).verify(everybody, 3)

    known = list(parse_registry([signed_registry()], root_public=pem(ROOT)).root_signers())
    assert verify_threshold(registry[1], documents.REGISTRY_PAYLOAD, registry[0], known, 1)
    with pytest.raises(SignatureError):
        verify_threshold(registry[1], documents.REGISTRY_PAYLOAD, registry[0], known, 2)


def test_neither_takes_them_for_other_bytes_or_another_type(registry):
    everybody = [theirs(key) for key in (ROOT, RECOVERY, THIRD)]
    with pytest.raises(VerificationError):
        as_envelope(registry, data=registry[0] + b" ").verify(everybody, 1)
    other = envelope(documents.POLICY_PAYLOAD, registry[0], [
        {"keyid": item.key_id, "sig": b64(item.made)} for item in parse_signatures(registry[1]).signatures
    ])  # fmt: skip
    with pytest.raises(VerificationError):
        other.verify(everybody, 1)


def test_an_automatic_decision_is_an_envelope_as_they_read_it():
    import json

    sidecar = automatic(restart())
    found = Envelope.from_dict(json.loads(sidecar))

    assert found.payload == read_sidecar(sidecar).payload
    assert len(found.verify([theirs(POLICY)], 1)) == 1
    with pytest.raises(VerificationError):
        found.verify([theirs(ROOT)], 1)
