"""Passkeys at their enrolment (WebAuthn Level 3, section 7.1). Signatures are checked in `proof.webauthn`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from approvals.registry_documents import NewKey
from core.errors import BadInputError, RefusedError
from people.models import Person
from proof.cose import pem_of_cose
from proof.keys import WEBAUTHN, KeyFormatError, key_id_of

ALGORITHMS: Final = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA]
RP_NAME: Final = "Countersign"


def registration_options(person: Person, rp_id: str, challenge: bytes, existing: Iterable[str]) -> dict[str, Any]:
    """What `navigator.credentials.create` gets, as JSON: no attestation, user verification required.

    Args:
        person: who enrols.
        rp_id: from the signed registry.
        challenge: as handed out.
        existing: base64url ids of this person's credentials, so that a device enrols once.
    """
    options = webauthn.generate_registration_options(
        rp_id=rp_id,
        rp_name=RP_NAME,
        user_id=person.pk.encode("ascii"),
        user_name=person.handle,
        user_display_name=person.name,
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        supported_pub_key_algs=ALGORITHMS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(found)) for found in existing],
    )
    return cast("dict[str, Any]", json.loads(options_to_json(options)))


def challenge_in(credential: Mapping[str, Any]) -> bytes:
    """The challenge that a registration answers, as claimed.

    Raises:
        BadInputError: The credential is not of the form that browsers send.
    """
    try:
        data = base64url_to_bytes(credential["response"]["clientDataJSON"])
        return parse_client_data_json(data).challenge
    except (KeyError, TypeError, ValueError, WebAuthnException) as error:
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
        found = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=list(origins),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        public = pem_of_cose(found.credential_public_key)
    except (WebAuthnException, KeyFormatError, ValueError) as error:
        detail = f"The passkey was not accepted: {error}"
        raise RefusedError(detail) from error
    return NewKey(
        key_id=key_id_of(public),
        key_class=WEBAUTHN,
        public=public,
        label=label,
        credential_id=bytes_to_base64url(found.credential_id),
        rp_id=rp_id,
        origins=origins,
        backup_eligible=found.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        sign_count=found.sign_count,
    )
