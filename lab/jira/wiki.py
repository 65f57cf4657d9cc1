"""What a text would become where Jira shows it: the notation of its help page, as far as it makes something of text.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

import re

_NOTATION = {
    "macro": r"\{[\w*+~^?-][^{}\n]*\}",
    "mention": r"\[~[^\]\n]+\]|(?<!\w)@\w",
    "link": r"(?<!\\)\[[^\]\n]+\]",
    "image": r"(?<!\\)![^\s!][^!\n]*!",
    "address": r"\b(?:https?|ftp|file|irc|news|nntp)://\S|\bmailto:\S",
    "e-mail": r"\w@\w+\.\w",
    "heading": r"(?m)^\s*h[1-6]\.\s",
    "quote": r"(?m)^\s*bq\.\s",
    "list": r"(?m)^\s*(?:[*#]+|-)\s",
    "rule": r"(?m)^\s*----",
    "table": r"(?m)^\s*\|",
    "line break": r"\\\\",
    "icon": r"(?<!\\)\((?:[xyin!*/?+-]|on|off|\*[rgby]|flag|flagoff)\)|(?<!\\)[:;][()DP]",
    **{f"phrase {one}": rf"(?<![^\W_])(?<!\\)\{one}(?=[^\s\{one}])[^\n]*?(?<=\S)\{one}(?![^\W_])" for one in "*-+^~"},
    "phrase _": r"(?<![^\W_])(?<!\\)_(?=[^\s_])[^\n]*?(?<=\S)_(?![^\W_])",
    "citation": r"(?<![\w\\])\?\?(?=\S)[^\n]*?\?\?",
}


def found(text: str) -> list[str]:
    """The names of all that a text would become; empty for one that stays text."""
    return [name for name, pattern in _NOTATION.items() if re.search(pattern, text)]
