"""Text from anywhere in fields that Jira shows as wiki markup: it stays text. Pure.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all

A backslash escapes, but not everywhere: mentions are looked for in the raw text, and macros know other rules than
phrases. So the characters that open macros, links, mentions, images, tables and line breaks become their full-width
twins, which people read alike and no renderer knows. Addresses are parted by a character that is not seen.
"""

import re
from typing import Final

from connectors import story

_TWINS: Final = {ord(one): ord(one) + 0xFEE0 for one in "{}[]|\\~^*!@#"}
_JOINER: Final = "\u2060"
_PHRASE: Final = re.compile(r"(?<![^\W_])([-+_?])(?=\S)")
_ADDRESS: Final = re.compile(r":(?=//)|(?<=mailto)(?=:)", re.IGNORECASE)
_FACE: Final = re.compile(r"(?<=[:;])(?=[()DP])")
_ICON: Final = re.compile(r"\((?=(?:[xyin/?+-]|on|off|flag|flagoff)\))", re.IGNORECASE)


def plain(text: str, longest: int) -> str:
    """Text from anywhere as one line of text: no macro, mention, link, image, phrase or icon comes of it."""
    text = " ".join(story.without_controls(text).split())
    text = story.cut(text, longest).translate(_TWINS)
    text = _ICON.sub("(" + _JOINER, text)
    text = _FACE.sub(_JOINER, _ADDRESS.sub(lambda found: found[0] + _JOINER, text))
    return _PHRASE.sub(r"\\\1", text)


def summary(text: str) -> str:
    """A summary: it is shown as it is, and must be one line of less than 255 characters."""
    return story.cut(" ".join(story.without_controls(text).split()), 254)
