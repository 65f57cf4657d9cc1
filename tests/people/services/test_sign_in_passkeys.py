"""add_sign_in_passkey, remove_sign_in_passkey, sign_in_by_passkey: its own challenge, place and person, or nobody."""

import secrets
from datetime import timedelta

import pytest

from audit.models import Entry
from core import clock
from core.errors import BadInputError, NotFoundError, NotPermittedError, NotSignedInError, RefusedError
from people import sign_in_keys
from people.models import Account, SignInPasskey
from people.services.add_sign_in_passkey import add_sign_in_passkey
from people.services.remove_sign_in_passkey import remove_sign_in_passkey
from people.services.sign_in_by_passkey import confirm_by_passkey, sign_in_by_passkey
from proof.binary import b64url
from tests.approvals.authenticator import UP
from tests.people.authenticator import SignInKey

pytestmark = pytest.mark.django_db

HERE = sign_in_keys.place_of("http://localhost:8000")


def added(person, key=None, label="Laptop", place=HERE):
    key, challenge = key or SignInKey(), secrets.token_bytes(32)
    options = sign_in_keys.creation_options(person, place, challenge, [])
    row = add_sign_in_passkey(person, key.create(options), challenge, place=place, label=label, actor=person.as_actor())
    return key, row


def answered(key, place=HERE, **client):
    challenge = secrets.token_bytes(32)
    return key.get(sign_in_keys.request_options(place, challenge), **client), challenge


def test_a_passkey_signs_its_person_in(ada):
    key, _ = added(ada)
    credential, challenge = answered(key)

    assert sign_in_by_passkey(credential, challenge, place=HERE) == ada
    assert Entry.objects.filter(verb="person.signed_in", subject=f"person:{ada.pk}").count() == 1
    assert SignInPasskey.objects.get().last_used_at is not None


def test_its_user_handle_is_not_that_of_signing_keys(ada):
    """With the same handle an authenticator would put one in the place of the other."""
    options = sign_in_keys.creation_options(ada, HERE, b"x" * 32, [])

    assert options["user"]["id"] != b64url(ada.pk.encode())
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


@pytest.mark.parametrize(
    ("how", "client"),
    [
        ({}, {"origin": "https://evil.example"}),
        ({}, {"challenge": b64url(b"y" * 32)}),
        ({}, {"type": "webauthn.create"}),
        ({"flags": UP}, {}),
        ({"rp_id": "sign.localhost"}, {}),
    ],
)
def test_what_answers_elsewhere_or_unverified_signs_nobody_in(ada, how, client):
    key, _ = added(ada)
    for name, value in how.items():
        setattr(key, name, value)
    credential, challenge = answered(key, **client)

    with pytest.raises(NotSignedInError):
        sign_in_by_passkey(credential, challenge, place=HERE)


def test_another_key_under_a_known_id_signs_nobody_in(ada):
    key, _ = added(ada)
    thief = SignInKey()
    thief.credential = key.credential
    credential, challenge = answered(thief)

    with pytest.raises(NotSignedInError):
        sign_in_by_passkey(credential, challenge, place=HERE)


def test_unknown_passkeys_and_garbage_sign_nobody_in(ada):
    added(ada)
    stranger, challenge = answered(SignInKey())
    for credential in (stranger, {}, {"id": "x"}, {"id": None, "response": 1}):
        with pytest.raises(NotSignedInError):
            sign_in_by_passkey(credential, challenge, place=HERE)


def test_who_left_is_not_signed_in(ada):
    key, _ = added(ada)
    ada.is_active = False
    ada.save()
    credential, challenge = answered(key)

    with pytest.raises(NotSignedInError):
        sign_in_by_passkey(credential, challenge, place=HERE)


def test_only_ones_own_passkey_confirms(ada, mallory):
    mine, _ = added(ada)
    theirs, _ = added(mallory)
    credential, challenge = answered(mine)
    confirm_by_passkey(ada, credential, challenge, place=HERE)

    credential, challenge = answered(theirs)
    with pytest.raises(NotSignedInError, match="somebody else"):
        confirm_by_passkey(ada, credential, challenge, place=HERE)


def test_with_a_company_a_passkey_lets_in_only_whom_the_company_let_in_lately(ada, settings, monkeypatch):
    settings.OIDC_ISSUER = "https://company.example"
    key, _ = added(ada)
    credential, challenge = answered(key)
    with pytest.raises(NotSignedInError, match="company first"):
        sign_in_by_passkey(credential, challenge, place=HERE)

    now = clock.now()
    Account.objects.create(issuer="i", subject="s", person=ada, created_at=now, last_used_at=now)
    sign_in_by_passkey(credential, challenge, place=HERE)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=8))
    with pytest.raises(NotSignedInError, match="company first"):
        sign_in_by_passkey(credential, challenge, place=HERE)


def test_nobody_adds_or_removes_one_for_somebody_else(ada, oda):
    _, row = added(ada)
    challenge = secrets.token_bytes(32)
    made = SignInKey().create(sign_in_keys.creation_options(ada, HERE, challenge, []))

    with pytest.raises(NotPermittedError):
        add_sign_in_passkey(ada, made, challenge, place=HERE, label="x", actor=oda.as_actor())
    with pytest.raises(NotPermittedError):
        remove_sign_in_passkey(ada, row.pk, actor=oda.as_actor())
    with pytest.raises(NotFoundError):
        remove_sign_in_passkey(oda, row.pk, actor=oda.as_actor())
    remove_sign_in_passkey(ada, row.pk, actor=ada.as_actor())
    assert not SignInPasskey.objects.exists()


def test_one_passkey_is_one_persons_and_has_a_name(ada, mallory):
    key, _ = added(ada)
    with pytest.raises(RefusedError, match="known already"):
        added(mallory, key)
    with pytest.raises(BadInputError):
        added(ada, label=" ")


def test_a_passkey_made_for_another_challenge_is_not_kept(ada):
    options = sign_in_keys.creation_options(ada, HERE, b"a" * 32, [])

    with pytest.raises(RefusedError):
        add_sign_in_passkey(ada, SignInKey().create(options), b"b" * 32, place=HERE, label="x", actor=ada.as_actor())
