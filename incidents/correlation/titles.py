"""Titles as people read them."""

import re

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
LIMIT = 300


def sentence(title: str, service: str) -> str:
    """An incident's title: the alert's own sentence, or one made from a bare rule name such as `KubePodNotReady`."""
    text = " ".join(title.split())
    if " " not in text:
        words = [word if word.isupper() and len(word) > 1 else word.lower() for word in WORD.findall(text)]
        said = " ".join(words) or text or "an alert without a name"
        text = f"{said[0].upper()}{said[1:]}" + (f" is reported on {service}" if service else " is reported")
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 1]}…"
