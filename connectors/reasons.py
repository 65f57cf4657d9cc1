"""Which dead letters died of the same thing: the reason without what differs from one to the next. Pure."""

import re
from typing import Final

LONGEST: Final = 160
QUOTED: Final = re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\"|“[^”]{0,200}”")
NUMBER: Final = re.compile(r"\d+")
NO_REASON: Final = "No reason was noted"


def shape(error: str) -> str:
    """The reason with numbers and quoted words left out, so that two of a kind read alike."""
    plain = NUMBER.sub("#", QUOTED.sub("…", error[:2000]))
    return " ".join(plain.split())[:LONGEST] or NO_REASON
