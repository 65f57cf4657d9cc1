"""A digest as words, for people to compare by eye or over the telephone."""

from functools import cache
from pathlib import Path

BITS_A_WORD = 11


def six_words(digest: str) -> list[str]:
    """The first 66 bits of a hex digest as six words of the English BIP-39 list."""
    return words(digest, 6)


def words(digest: str, count: int) -> list[str]:
    """The first `count` times 11 bits of a hex digest as words.

    Raises:
        ValueError: The digest is not hex or is too short.
    """
    data = bytes.fromhex(digest)
    surplus = len(data) * 8 - count * BITS_A_WORD
    if surplus < 0:
        msg = f"{count} words need {count * BITS_A_WORD} bits; the digest has {len(data) * 8}."
        raise ValueError(msg)
    number = int.from_bytes(data, "big") >> surplus
    places = range((count - 1) * BITS_A_WORD, -1, -BITS_A_WORD)
    return [word_list()[number >> place & 0x7FF] for place in places]


@cache
def word_list() -> tuple[str, ...]:
    """The 2,048 English words of BIP-39, in their order."""
    return tuple(Path(__file__).with_name("bip39.txt").read_text("ascii").split())
