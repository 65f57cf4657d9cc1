"""Keys are made once, closed to others, and the same for all who race."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit import keystore
from audit.errors import TamperedError


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data" / "keys"


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_a_key_is_the_same_every_time():
    assert raw(keystore.private("log")) == raw(keystore.private("log"))
    assert raw(keystore.private("log")) != raw(keystore.private("policy"))


def test_only_this_account_may_read_a_key(folder):
    keystore.private("log")
    keystore.installation()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_all_who_race_for_a_new_key_get_the_same(folder):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: raw(keystore.private("root")), range(32)))
        installations = set(pool.map(lambda _: keystore.installation(), range(32)))

    assert len(set(keys)) == 1
    assert len(installations) == 1
    assert {path.name for path in folder.iterdir()} == {"root.ed25519.pem", "installation"}


def test_asking_whether_a_key_exists_does_not_make_it():
    assert not keystore.exists("log")
    keystore.private("log")
    assert keystore.exists("log")


def test_a_damaged_key_is_not_replaced_by_a_new_one(folder):
    keystore.private("log")
    (folder / "log.ed25519.pem").write_bytes(b"not a key")

    with pytest.raises(TamperedError, match="backup"):
        keystore.private("log")


def test_the_seed_of_the_second_log_key_is_made_once_and_closed_to_others(folder):
    first = keystore.log_verifiers()

    assert keystore.log_verifiers() == first
    assert stat.S_IMODE((folder / "log-pq.ml-dsa-44.seed").stat().st_mode) == 0o600
    assert len((folder / "log-pq.ml-dsa-44.seed").read_bytes()) == 32


def test_a_damaged_seed_is_not_replaced_by_a_new_one(folder):
    keystore.seed("log-pq")
    (folder / "log-pq.ml-dsa-44.seed").write_bytes(b"short")

    with pytest.raises(TamperedError, match="backup"):
        keystore.seed("log-pq")


def test_a_damaged_installation_id_is_refused(folder):
    keystore.installation()
    (folder / "installation").write_text("../../etc")

    with pytest.raises(TamperedError, match="32 hex digits"):
        keystore.installation()


@pytest.mark.parametrize("name", ["../log", "", "Log", "a/b", "x" * 41])
def test_a_key_name_cannot_leave_the_folder(name):
    with pytest.raises(ValueError, match="name"):
        keystore.private(name)
