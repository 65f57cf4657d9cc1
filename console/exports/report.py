"""The trail as a PDF for reading: what was looked for, how far the record was examined, the chain, the records."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from console import phrases
from console.selectors.provenance import Stage
from console.selectors.trail import Row

SANS, BOLD = "Vera", "VeraBd"
WIDTHS = [16 * mm, 37 * mm, 38 * mm, 106 * mm, 40 * mm, 26 * mm]
FAINT, RULE = HexColor("#5c6672"), HexColor("#c9ced4")
PROVES = (
    "This is for reading and proves nothing by itself. Whoever wants to check it takes the proof bundle of the same "
    "records and runs python -m proof on it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above the records."""

    title: str
    looked_for: str
    by: str
    at: datetime
    examined: str
    mode: str


def pdf(head: Head, rows: Iterable[Row], chain: Sequence[Stage]) -> bytes:
    """The file."""
    _fonts()
    out = io.BytesIO()
    margin = 16 * mm
    paper = SimpleDocTemplate(
        out, pagesize=landscape(A4), leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin,
        title=f"Countersign: {head.title}", author=head.by, invariant=1,
    )  # fmt: skip
    story: list[Flowable] = [_p(head.title, size=16, bold=True), Spacer(1, 2 * mm)]
    told = (head.looked_for, f"Exported {_time(head.at)} UTC by {head.by}.", head.examined, head.mode, PROVES)
    story += [_p(text, faint=True) for text in told if text]
    if chain:
        story += [Spacer(1, 5 * mm), _p("How it came about", size=10, bold=True), _chain(chain)]
    story += [Spacer(1, 5 * mm), _records(rows)]
    foot = partial(_foot, text=f"Countersign · {head.title} · {_time(head.at)} UTC")
    paper.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _chain(chain: Sequence[Stage]) -> LongTable:
    rows = [
        [
            _p(_time(stage.at), faint=True),
            _p(stage.title, bold=stage.by_people),
            _p(stage.text),
            _p(_numbers(stage), faint=True),
        ]
        for stage in chain
    ]
    return LongTable(rows, colWidths=[37 * mm, 38 * mm, 106 * mm, 40 * mm], style=_style(), hAlign="LEFT")


def _records(rows: Iterable[Row]) -> LongTable:
    heading = [_p(text, faint=True) for text in ("Record", "Time, UTC", "Who", "What", "State reached", "Hash")]
    body = [
        [
            _p("" if row.seq is None else phrases.digits(row.seq)),
            _p(_time(row.at)),
            _p(row.face.name, bold=row.face.is_person),
            _p(row.words),
            _p(row.reached),
            _p(phrases.short_hash(row.leaf_hash), faint=True),
        ]
        for row in rows
    ]
    return LongTable([heading, *body], colWidths=WIDTHS, repeatRows=1, style=_style(), hAlign="LEFT")


def _style() -> TableStyle:
    return TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
    )


def _p(text: str, *, size: float = 8, bold: bool = False, faint: bool = False) -> Paragraph:
    style = ParagraphStyle(
        f"{size}{bold}{faint}",
        fontName=BOLD if bold else SANS,
        fontSize=size,
        leading=size * 1.35,
        textColor=FAINT if faint else HexColor("#10171f"),
        splitLongWords=1,
    )
    return Paragraph(escape(_printable(text)), style)


def _printable(text: str) -> str:
    """What the font lacks is written as its number, so that nothing is silently missing."""
    known = _fonts()
    return "".join(sign if ord(sign) in known else " " if sign.isspace() else f"\\u{{{ord(sign):x}}}" for sign in text)


def _numbers(stage: Stage) -> str:
    return str(stage.first) if stage.first == stage.last else f"{stage.first} to {stage.last}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _foot(canvas: Canvas, paper: SimpleDocTemplate, text: str) -> None:
    canvas.saveState()
    canvas.setFont(SANS, 7)
    canvas.setFillColor(FAINT)
    canvas.drawString(paper.leftMargin, 9 * mm, _printable(text))
    canvas.drawRightString(paper.pagesize[0] - paper.rightMargin, 9 * mm, f"page {canvas.getPageNumber()}")
    canvas.restoreState()


@cache
def _fonts() -> frozenset[int]:
    """Make the fonts known, and say which signs they have. Bitstream Vera comes with reportlab and may be embedded."""
    fonts = [TTFont(name, f"{name}.ttf") for name in (SANS, BOLD)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    return frozenset(fonts[0].face.charToGlyph)
