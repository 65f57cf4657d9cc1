import pytest

from connectors.secrets import SealedError, seal, unseal


def test_what_is_sealed_can_be_opened_and_not_read():
    sealed = seal({"user": "ada", "password": "hush-hush"})

    assert b"hush" not in sealed
    assert unseal(sealed) == {"user": "ada", "password": "hush-hush"}
    assert unseal(memoryview(sealed))["user"] == "ada"


def test_nothing_is_nothing():
    assert seal({}) == b""
    assert unseal(b"") == {}


def test_another_secret_key_or_one_changed_byte_opens_nothing(settings):
    sealed = seal({"password": "x"})

    with pytest.raises(SealedError):
        unseal(sealed[:-3] + b"AAA")
    settings.SECRET_KEY = "another"
    with pytest.raises(SealedError, match="SECRET_KEY"):
        unseal(sealed)
