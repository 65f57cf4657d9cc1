import hashlib
from pathlib import Path

import pytest

from proof import words


def test_the_list_is_the_published_one():
    text = Path(words.__file__).with_name("bip39.txt").read_bytes()

    assert hashlib.sha256(text).hexdigest() == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"


def test_words_are_eleven_bits_each_from_the_front():
    assert words.six_words("00" * 32) == ["abandon"] * 6
    assert words.six_words("ff" * 32) == ["zoo"] * 6
    assert words.six_words("0000000000000000" + "40" + "00" * 23) == ["abandon"] * 5 + ["ability"]


def test_twelve_words_begin_with_the_six():
    digest = hashlib.sha256(b"x").hexdigest()

    assert words.words(digest, 12)[:6] == words.six_words(digest)


def test_a_digest_too_short_for_the_words_is_refused():
    with pytest.raises(ValueError, match="need"):
        words.six_words("00" * 8)
