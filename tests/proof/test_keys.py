import base64
import hashlib
import struct
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

from proof import keys
from proof.keys import KeyFormatError

LOW_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]
UNREDUCED = ["edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "ff" * 32]


def test_one_of_the_weak_keys_really_would_verify_anything():
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(LOW_ORDER[0]))

    key.verify(bytes.fromhex(LOW_ORDER[0]) + bytes(32), b"whatever you like")


@pytest.mark.parametrize("raw", LOW_ORDER + UNREDUCED)
def test_weak_keys_are_refused_in_every_form(raw):
    data = bytes.fromhex(raw)
    blob = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + data
    der = bytes.fromhex("302a300506032b6570032100") + data
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"

    for attempt in (
        lambda: keys.refuse_weak_key(data),
        lambda: keys.key_id_of("ssh-ed25519 " + base64.b64encode(blob).decode()),
        lambda: keys.key_id_of(pem),
    ):
        with pytest.raises(KeyFormatError):
            attempt()


def test_the_id_is_the_digest_of_the_subject_public_key_info():
    for key in (Ed25519PrivateKey.generate().public_key(), ec.generate_private_key(ec.SECP256R1()).public_key()):
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

        assert keys.key_id_of(keys.pem_of(key)) == hashlib.sha256(spki).hexdigest()
        assert keys.key_id_of(line + " ada@laptop") == keys.key_id_of(keys.pem_of(key))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_lines_of_ssh_keygen_are_read(tmp_path, kind):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", tmp_path / "key"], check=True)
    line = (tmp_path / "key.pub").read_text()

    assert keys.key_id_of(line) == keys.spki_id(load_ssh_public_key(line.encode()))


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()])
def test_other_curves_are_refused(curve):
    with pytest.raises(KeyFormatError):
        keys.key_id_of(keys.pem_of(ec.generate_private_key(curve).public_key()))


def test_rsa_is_refused():
    key = rsa.generate_private_key(65537, 2048).public_key()

    with pytest.raises(KeyFormatError):
        keys.load_pem(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize(
    "damage",
    [
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: pem + "\n",
        lambda pem: "x" + pem,
        lambda pem: pem[40:],
        lambda _: "",
        lambda _: "ssh-ed25519",
        lambda _: "ssh-ed25519 AAAA",
        lambda _: "ssh-ed25519 !!!!",
    ],
)
def test_a_key_has_one_form_only(damage):
    pem = keys.pem_of(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())

    with pytest.raises(KeyFormatError):
        keys.key_id_of(damage(pem))
