"""Which witnesses there are, and which of them are worth anything: one on this host is not (H5)."""

import hashlib
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from audit import witnesses
from proof import lattice, note


def key(name="w.example/1"):
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()).public_key()


def vkey(name="w.example/1"):
    return str(note.verifier_key(name, key(name), note.COSIGNED_ED25519))


def test_none_is_none(settings):
    settings.WITNESSES = ""
    assert (witnesses.configured(), witnesses.outside(), witnesses.keys()) == ((), 0, [])


def test_url_and_keys_are_read(settings):
    other = str(note.ml_dsa_verifier_key("w.example/1", lattice.public_of(bytes(32))))
    settings.WITNESSES = f" https://w.example/ {vkey()} {other} ,\nhttps://v.example {vkey('v')}"

    found = witnesses.configured()

    assert [(one.url, one.name, len(one.keys)) for one in found] == [
        ("https://w.example", "w.example/1", 2),
        ("https://v.example", "v", 1),
    ]
    assert witnesses.keys() == sorted([vkey(), other, vkey("v")])


@pytest.mark.parametrize(
    "text",
    ["https://w.example", "w.example VKEY", "ftp://w.example VKEY", "https:// VKEY", "https://w.example VKEY x",
     "https://w.example LOG", "https://w.example VKEY OTHER", "https://w.example?x=1 VKEY",
     "https://a.example VKEY, https://b.example VKEY", "https://w.example:99999 VKEY"],
)  # fmt: skip
def test_anything_else_is_refused_at_once(settings, text):
    own = str(note.verifier_key("w.example/1", key()))
    settings.WITNESSES = text.replace("VKEY", vkey()).replace("LOG", own).replace("OTHER", vkey("v"))
    with pytest.raises(ImproperlyConfigured, match="WITNESSES"):
        witnesses.configured()


@pytest.mark.parametrize(
    ("address", "counts"),
    [("127.0.0.1", 0), ("127.9.9.9", 0), ("::1", 0), ("0.0.0.0", 0), ("192.0.2.7", 1), ("2001:db8::7", 1)],
)
def test_one_on_this_host_does_not_count(settings, monkeypatch, address, counts):
    settings.WITNESSES = f"https://w.example {vkey()}"
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", (address, 0))])

    assert witnesses.outside() == counts


def test_a_name_for_this_host_does_not_count_either(settings, monkeypatch):
    """Several addresses, one of them ours: it is here."""
    settings.WITNESSES = f"https://w.example {vkey()}"
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", ("192.0.2.7", 0)), (0, 0, 0, "", ("127.0.0.1", 0))]
    )
    assert witnesses.outside() == 0


def test_one_that_cannot_be_found_does_not_count(settings, monkeypatch):
    def fail(*_):
        raise socket.gaierror

    settings.WITNESSES = f"https://w.example {vkey()}"
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert witnesses.outside() == 0
