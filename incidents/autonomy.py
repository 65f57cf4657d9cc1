"""How much agents may do by themselves: observe, suggest or act."""

LEVELS = ("observe", "suggest", "act")


def least(*levels: str) -> str:
    """The most cautious of several levels; a word we do not know counts as observe."""
    return LEVELS[min((LEVELS.index(level) if level in LEVELS else 0 for level in levels), default=0)]
