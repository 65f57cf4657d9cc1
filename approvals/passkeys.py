"""Passkeys at their enrolment (WebAuthn Level 3, section 7.1). Signatures are checked in `proof.webauthn`.

No attestation is asked for: what a passkey says of itself is shown as its claim. So the answer to `create` proves
nothing but that some browser answered here; that the key is held is shown by the act that it signs next.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import cbor2

from approvals.registry_documents import NewKey
from core.errors import BadInputError, RefusedError
from people.models import Person
from proof.binary import BinaryError, b64url, unb64url
from proof.cose import pem_of_cose
from proof.keys import WEBAUTHN, KeyFormatError, key_id_of
from proof.webauthn import ATTESTED, BACKED_UP, BACKUP_ELIGIBLE, EXTENDED, HEAD_BYTES, USER_PRESENT, USER_VERIFIED

ALGORITHMS: Final = (-8, -7, -48, -49)
"""Ed25519, ES256, ML-DSA-44, ML-DSA-65 (COSE), as `pubKeyCredParams` offers them, the first that a device has."""
RP_NAME: Final = "Countersign"
TIMEOUT_MS: Final = 120_000
MOST_BYTES: Final = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """The authenticator's data at enrolment, taken apart."""

    rp_id_hash: bytes
    flags: int
    sign_count: int
    credential_id: bytes
    cose: bytes


def registration_options(person: Person, rp_id: str, challenge: bytes, existing: Iterable[str]) -> dict[str, Any]:
    """What `navigator.credentials.create` gets, as JSON: no attestation, user verification required.

    Args:
        person: who enrols.
        rp_id: from the signed registry.
        challenge: as handed out.
        existing: base64url ids of this person's credentials, so that a device enrols once.
    """
    return {
        "rp": {"id": rp_id, "name": RP_NAME},
        "user": {"id": b64url(person.pk.encode("ascii")), "name": person.handle, "displayName": person.name},
        "challenge": b64url(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [{"type": "public-key", "id": found} for found in existing],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    }


def challenge_in(credential: Mapping[str, Any]) -> bytes:
    """The challenge that a registration answers, as claimed.

    Raises:
        BadInputError: The credential is not of the form that browsers send.
    """
    try:
        return unb64url(_client_data(credential)["challenge"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = "This is not what a browser answers when a passkey is made."
        raise BadInputError(detail) from error


def verified(
    credential: Mapping[str, Any], challenge: bytes, *, rp_id: str, origins: tuple[str, ...], label: str
) -> NewKey:
    """The new key of a registration.

    Raises:
        RefusedError: Another challenge, origin or relying party, no user verification, or a key that is not taken.
    """
    try:
        _check_client(_client_data(credential), challenge, origins)
        found = _attested(unb64url(credential["response"]["attestationObject"]))
        _check_flags(found, rp_id)
        _check_id(credential, found)
        public = pem_of_cose(found.cose)
    except (KeyFormatError, BinaryError, KeyError, TypeError, ValueError, RecursionError, cbor2.CBORError) as error:
        detail = f"The passkey was not accepted: {error}"
        raise RefusedError(detail) from error
    copied = bool(found.flags & BACKUP_ELIGIBLE)
    return NewKey(
        key_id=key_id_of(public),
        key_class=WEBAUTHN,
        public=public,
        label=label,
        credential_id=b64url(found.credential_id),
        rp_id=rp_id,
        origins=origins,
        backup_eligible=copied,
        device_bound=not copied,
        sign_count=found.sign_count,
    )


def _client_data(credential: Mapping[str, Any]) -> dict[str, Any]:
    data = unb64url(credential["response"]["clientDataJSON"])
    if len(data) > MOST_BYTES:
        msg = "the browser's client data is too long"
        raise ValueError(msg)
    found = json.loads(data.decode("utf-8"))
    if not isinstance(found, dict):
        msg = "the browser's client data is not an object"
        raise TypeError(msg)
    return found


def _check_client(client: Mapping[str, Any], challenge: bytes, origins: tuple[str, ...]) -> None:
    if client.get("type") != "webauthn.create" or client.get("challenge") != b64url(challenge):
        msg = "it answers another question"
        raise ValueError(msg)
    if client.get("origin") not in origins:
        msg = f"it was made at {client.get('origin')}, and passkeys here are made at {', '.join(origins)}"
        raise ValueError(msg)
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        msg = "it was made inside another site's page"
        raise ValueError(msg)


def _attested(data: bytes) -> Attested:
    found = cbor2.loads(data) if len(data) <= MOST_BYTES else None
    if not isinstance(found, dict) or found.get("fmt") != "none" or found.get("attStmt") != {}:
        msg = "it comes with an attestation, which was not asked for"
        raise ValueError(msg)
    head = found.get("authData")
    if not isinstance(head, bytes) or len(head) < HEAD_BYTES + 18:
        msg = "the authenticator's data is too short"
        raise ValueError(msg)
    size = int.from_bytes(head[53:55], "big")
    rest = head[55 + size :]
    cose = rest[: _length_of_one(rest)]
    extended = bool(head[32] & EXTENDED)
    if extended != (len(rest) > len(cose)):
        msg = "the authenticator's data has a part that does not belong there"
        raise ValueError(msg)
    return Attested(
        rp_id_hash=head[:32],
        flags=head[32],
        sign_count=int.from_bytes(head[33:37], "big"),
        credential_id=head[55 : 55 + size],
        cose=cose,
    )


def _length_of_one(data: bytes) -> int:
    """How many bytes the first CBOR item takes: what is after the key are extensions, which we asked for none."""
    stream = BytesIO(data)
    cbor2.CBORDecoder(stream).decode()
    return stream.tell()


def _check_flags(found: Attested, rp_id: str) -> None:
    if found.rp_id_hash != hashlib.sha256(rp_id.encode()).digest():
        msg = "it was made for another site"
        raise ValueError(msg)
    wanted = USER_PRESENT | USER_VERIFIED | ATTESTED
    if found.flags & wanted != wanted:
        msg = "the device did not check who used it"
        raise ValueError(msg)
    if found.flags & BACKED_UP and not found.flags & BACKUP_ELIGIBLE:
        msg = "it contradicts itself about its copies"
        raise ValueError(msg)


def _check_id(credential: Mapping[str, Any], found: Attested) -> None:
    if not 0 < len(found.credential_id) <= 300 or credential.get("rawId") != b64url(found.credential_id):
        msg = "it names another credential than it holds"
        raise ValueError(msg)
