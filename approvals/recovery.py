"""The recovery key: 24 words on paper that are an Ed25519 key of the root (BIP-39's words and checksum)."""

import hashlib
import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.errors import BadInputError
from proof.keys import pem_of
from proof.words import word_list

SEED_BYTES: Final = 32
BITS_A_WORD: Final = 11
COUNT: Final = 24


def new_seed() -> bytes:
    """256 random bits; they are the private key and nothing of them is ever stored here."""
    return secrets.token_bytes(SEED_BYTES)


def words_of(seed: bytes) -> list[str]:
    """The 24 words of a seed: 256 bits and the first 8 of their SHA-256."""
    bits = int.from_bytes(seed + hashlib.sha256(seed).digest()[:1], "big")
    size = BITS_A_WORD * COUNT
    return [word_list()[bits >> (size - BITS_A_WORD * (at + 1)) & 0x7FF] for at in range(COUNT)]


def seed_of(text: str) -> bytes:
    """The seed that 24 words stand for, however they are spaced.

    Raises:
        BadInputError: A word is not of the list, or the words do not belong together.
    """
    given = text.lower().split()
    unknown = [word for word in given if word not in _PLACES]
    if len(given) != COUNT or unknown:
        detail = (
            f"{unknown[0]!r} is not one of the words." if unknown else f"These are {len(given)} words, not {COUNT}."
        )
        raise BadInputError(detail)
    bits = 0
    for word in given:
        bits = bits << BITS_A_WORD | _PLACES[word]
    data = bits.to_bytes(SEED_BYTES + 1, "big")
    seed = data[:SEED_BYTES]
    if hashlib.sha256(seed).digest()[:1] != data[SEED_BYTES:]:
        detail = "These words do not belong together: one of them is wrong, or their order is."
        raise BadInputError(detail)
    return seed


def private_of(seed: bytes) -> Ed25519PrivateKey:
    """The private key."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_of(seed: bytes) -> str:
    """The public key, as PEM."""
    return pem_of(private_of(seed).public_key())


_PLACES: Final = {word: place for place, word in enumerate(word_list())}
