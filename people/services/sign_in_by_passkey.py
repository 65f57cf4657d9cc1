"""Find out who sits there by a sign-in passkey."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from audit import ledger
from core import clock
from core.errors import NotSignedInError, RefusedError
from people import sign_in_keys
from people.models import Person, SignInPasskey
from people.sign_in_keys import Place


@transaction.atomic
def sign_in_by_passkey(credential: Mapping[str, Any], challenge: bytes, *, place: Place) -> Person:
    """The person whose passkey answered.

    Where an identity provider decides who works here, a passkey lets in only whom the provider let in lately: who left
    there must not come in here by the side door.

    Raises:
        NotSignedInError: The passkey is unknown, its person may no longer come in, or it did not answer rightly.
    """
    person = _whose(credential, challenge, place=place)
    if settings.OIDC_ISSUER and not _let_in_lately(person):
        detail = "Sign in through your company first: a passkey alone lets in only who came that way lately."
        raise NotSignedInError(detail)
    ledger.append(
        actor=person.as_actor(), verb="person.signed_in", subject=f"person:{person.pk}", facts={"how": "passkey"}
    )
    return person


def confirm_by_passkey(person: Person, credential: Mapping[str, Any], challenge: bytes, *, place: Place) -> None:
    """Make sure that this very person sits there.

    Raises:
        NotSignedInError: Another person's passkey answered, or none of ours.
    """
    if _whose(credential, challenge, place=place).pk != person.pk:
        detail = "That passkey is somebody else's. Use one of yours."
        raise NotSignedInError(detail)


def _whose(credential: Mapping[str, Any], challenge: bytes, *, place: Place) -> Person:
    row = SignInPasskey.objects.select_related("person").filter(pk=str(credential.get("id", "")), rp_id=place.rp_id)
    passkey = row.first()
    if passkey is None or not passkey.person.is_active:
        detail = "This passkey signs nobody in here. Signing keys do not; sign-in passkeys are added under Account."
        raise NotSignedInError(detail)
    try:
        count = sign_in_keys.shown(passkey, credential, challenge, place)
    except RefusedError as error:
        raise NotSignedInError(error.detail) from error
    row.update(sign_count=count, last_used_at=clock.now())
    return passkey.person


def _let_in_lately(person: Person) -> bool:
    since = clock.now() - timedelta(seconds=settings.OIDC_RECHECK_S)
    return person.accounts.filter(last_used_at__gte=since).exists()
