"""Passkeys for signing in (WebAuthn Level 3): made and checked here, and good for nothing else.

They are other credentials than signing keys: another user handle, so that an authenticator keeps both, and a table of
their own, so that a signing key never signs anybody in. Their challenges are random bytes of ours, never a digest of
something to sign.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.errors import RefusedError
from people.models import Person, SignInPasskey

RP_NAME: Final = "Countersign sign-in"
ALGORITHMS: Final = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA]
REFUSED: Final = "The passkey was not accepted. Nothing was changed. Try again, or sign in another way."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sign-in passkey works: the full host of the page, and its exact origin."""

    rp_id: str
    origin: str


def place_of(url: str) -> Place:
    """The place that an address makes."""
    parts = urlsplit(url)
    return Place(rp_id=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def creation_options(person: Person, place: Place, challenge: bytes, existing: Iterable[str]) -> dict[str, Any]:
    """What `navigator.credentials.create` gets: discoverable, user verification required."""
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id,
        rp_name=RP_NAME,
        user_id=hashlib.sha256(f"sign-in:{person.pk}".encode("ascii")).digest(),
        user_name=f"{person.handle} (sign-in)",
        user_display_name=f"{person.name} (sign-in)",
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        supported_pub_key_algs=ALGORITHMS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(found)) for found in existing],
    )
    return cast("dict[str, Any]", json.loads(options_to_json(options)))


def request_options(place: Place, challenge: bytes, allowed: Iterable[str] = ()) -> dict[str, Any]:
    """What `navigator.credentials.get` gets: any discoverable passkey of ours, or one of those named."""
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(found)) for found in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return cast("dict[str, Any]", json.loads(options_to_json(options)))


def made(credential: Mapping[str, Any], challenge: bytes, place: Place) -> tuple[str, bytes, int]:
    """Credential id, public key and counter of a passkey that a browser just made.

    Raises:
        RefusedError: It answers another challenge or place, or nobody was verified.
    """
    try:
        found = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise RefusedError(REFUSED) from error
    return bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count


def shown(passkey: SignInPasskey, credential: Mapping[str, Any], challenge: bytes, place: Place) -> int:
    """The counter, if the passkey answered this challenge at this place with its person verified.

    Raises:
        RefusedError: It did not.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,  # a counter that went back is no proof of anything; it is kept and shown
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise RefusedError(REFUSED) from error
    return found.new_sign_count
