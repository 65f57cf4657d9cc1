"""From bytes in any charset, and from HTML, to plain text; bounded, and nothing in it ever runs. Pure."""

import codecs
import re
from html.parser import HTMLParser
from typing import Final

from connectors.intake.strict_json import MARK, scrub
from connectors.reading import Notes

LONGEST_TEXT: Final = 50_000
LONGEST_HTML: Final = 200_000
_TEXTS = """
    ascii utf-8 utf-16 utf-16-le utf-16-be big5 big5hkscs cp437 cp850 cp852 cp866 cp874 cp932 cp949 cp950 cp1250
    cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 euc_jp euc_kr gb2312 gbk gb18030 iso2022_jp iso2022_kr
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman shift_jis tis-620
"""
CHARSETS: Final = frozenset(_TEXTS.split())
"""Codecs of text. Python knows others, and some of them run for minutes (`punycode`) or are no charsets."""
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
COMMENT: Final = re.compile(r"<!--(?:(?!-->).)*(?:-->|\Z)|<[!?][^<>]{0,1500}>", re.DOTALL)
LOOSE: Final = re.compile(r"<(?![a-zA-Z/][^<>]{0,1500}>)")
"""What opens no tag, or one that does not end soon; `html.parser` takes quadratic time over those."""
SPACES: Final = re.compile(r"[ \t\xa0]+")
LINES: Final = re.compile(r"\n[\n ]*\n")
SILENT: Final = frozenset({"script", "style", "template", "title"})
_BLOCKS = (
    "address article blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr ul"
)
BLOCKS: Final = frozenset(_BLOCKS.split())
CELLS: Final = frozenset({"td", "th"})


def from_wire(raw: str, notes: Notes) -> str:
    """Text that the parser made of bytes: what is not ASCII is UTF-8, or replaced."""
    data = raw.encode("utf-8", "surrogateescape")
    return data.decode("utf-8") if _is_valid(data, "utf-8") else _replaced(data, "utf-8", notes)


def one_line(text: str, notes: Notes) -> str:
    """Text in one line: runs of control characters and line breaks become a space, so that none starts a new field."""
    return " ".join(CONTROL.sub(" ", _scrubbed(text, notes)).split())


def decoded(data: bytes, charset: str | None, notes: Notes) -> str:
    """Bytes as text. A charset that is not known is said, and what is not ASCII in it is replaced."""
    name = _codec(charset or "us-ascii")
    if not name:
        notes.add(f"The charset {scrub(str(charset))[:40]!r} is not known; what is not ASCII was replaced.")
        return _scrubbed(data.decode("ascii", "replace"), notes)
    if name == "ascii":
        name = "utf-8"  # which is the same where the sender keeps to his word
    text = data.decode(name) if _is_valid(data, name) else _replaced(data, name, notes)
    return _scrubbed(text, notes).replace("\r\n", "\n").replace("\r", "\n")


def from_html(html: str, notes: Notes) -> str:
    """What HTML says, without its markup: no script, no style, no comment, no attribute."""
    if len(html) > LONGEST_HTML:
        notes.add(f"Only the first {LONGEST_HTML:,} characters of the HTML were read.")
    reader = _Words()
    try:
        reader.feed(LOOSE.sub("&lt;", COMMENT.sub(" ", html[:LONGEST_HTML])))
        reader.close()
    except (AssertionError, LookupError, ValueError):
        notes.add("The HTML is malformed; what came before that was read.")
    words = SPACES.sub(" ", "".join(reader.said))
    return LINES.sub("\n\n", words.replace("\n ", "\n").replace(" \n", "\n")).strip()


def cut(text: str, notes: Notes) -> str:
    """Text within its limit."""
    if len(text) > LONGEST_TEXT:
        notes.add(f"The text was cut at {LONGEST_TEXT:,} characters.")
    return text[:LONGEST_TEXT].strip()


class _Words(HTMLParser):
    """Collects what is to be read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- theirs
        if tag in SILENT and not self.silent:
            self.silent = tag
        elif tag in BLOCKS:
            self.said.append("\n")
        elif tag in CELLS:
            self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""
        elif tag in BLOCKS and tag != "br":
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(re.sub(r"\s+", " ", data))


def _codec(charset: str) -> str:
    """Python's name of a charset of text; empty for all else."""
    try:
        name = codecs.lookup(charset.strip("\"' ")).name
    except (LookupError, ValueError):
        return ""
    return name if name in CHARSETS else ""


def _is_valid(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except ValueError:
        return False
    return True


def _replaced(data: bytes, name: str, notes: Notes) -> str:
    notes.add(f"Bytes that are no {name} were replaced by U+FFFD.")
    return data.decode(name, "replace")


def _scrubbed(text: str, notes: Notes) -> str:
    clean = scrub(text)
    if MARK in clean and MARK not in text:
        notes.add("NUL characters or lone surrogates were replaced by U+FFFD.")
    return clean
