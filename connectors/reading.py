"""Reading strangers' fields: texts with limits, times in any spelling, words of severity. Nothing here ever raises."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import dateutil.parser

from incidents.events import Link, Severity

TITLE, DESCRIPTION, WORD, URL = 300, 10_000, 120, 2000
MOST_LABELS, LABEL_KEY, LABEL_VALUE = 64, 200, 1000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
SHOWN = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
NO_TIME = frozenset([date(1, 1, 1), date(1970, 1, 1)])
LONGEST_TIME = 80
YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2}

# `{{ $labels.pod }}`, `${host.name}`, `$SERVICE`, `{EVENT.RECOVERY.ID}`, `%hostname%`: never filled in by the sender.
TEMPLATE = re.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|\{[A-Z][A-Z0-9_.]+\}|\$[A-Za-z_][A-Za-z0-9_.]*|%[A-Z_]{3,}%", re.DOTALL)

# What turns, ends or hides the text after it, ours too: C0, C1 but tab and line ends, and orders of writing direction.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

WORDS: Mapping[Severity, frozenset[str]] = {
    Severity.CRITICAL: frozenset(
        [
            "critical",
            "crit",
            "fatal",
            "emergency",
            "emerg",
            "alert",
            "disaster",
            "page",
            "severe",
            "urgent",
            "blocker",
            "highest",
            "p0",
            "p1",
            "sev0",
            "s1",
        ]
    ),
    Severity.HIGH: frozenset(["error", "err", "high", "major", "p2", "sev1", "s2"]),
    Severity.WARNING: frozenset(["warning", "warn", "average", "medium", "moderate", "minor", "p3", "sev2", "s3"]),
    Severity.INFO: frozenset(
        [
            "info",
            "information",
            "informational",
            "notice",
            "debug",
            "verbose",
            "trace",
            "low",
            "lowest",
            "trivial",
            "none",
            "ok",
            "p4",
            "p5",
            "sev3",
            "sev4",
            "s4",
        ]
    ),
}
NUMBERED = re.compile(r"(sev|severity|p|priority|s)[-_ ]?(\d)")
SHORT = {"severity": "sev", "priority": "p"}
SEVERITIES = {word: severity for severity, words in WORDS.items() for word in words}


@dataclass(slots=True)
class Notes:
    """Warnings gathered while reading one delivery; each once, and not without end."""

    said: dict[str, None] = field(default_factory=dict)

    def add(self, sentence: str) -> None:
        """Remember a sentence."""
        if len(self.said) < 50:
            self.said[sentence[:300]] = None


def text(value: object, limit: int, notes: Notes, what: str) -> str:
    """A text within its limit; empty for what is absent, no scalar, or nothing but an unexpanded template."""
    if isinstance(value, bool) or value is None or not isinstance(value, str | int | float):
        return ""
    said = str(value).strip()
    if CONTROL.search(said):
        notes.add(f"Control characters in the {what} were replaced by U+FFFD.")
        said = CONTROL.sub("\ufffd", said)
    if TEMPLATE.search(said) and not TEMPLATE.sub("", said).strip(" -:,/()[]"):
        notes.add(f"The {what} is an unexpanded template and counts as absent.")
        return ""
    if len(said) <= limit:
        return said
    notes.add(f"The {what} was cut at {limit:,} characters.")
    return f"{said[: limit - 1]}…"


def title(values: Iterable[object], notes: Notes) -> str:
    """The first usable text, in one line; one with an unexpanded template in it only if there is no better."""
    found = [" ".join(text(value, TITLE, notes, "title").split()) for value in values]
    whole = [said for said in found if said and not TEMPLATE.search(said)]
    return next(iter([*whole, *[said for said in found if said]]), "")


def labels(value: object, notes: Notes) -> dict[str, str]:
    """Names to texts; what is no scalar is left out, and so is what is too much."""
    if not isinstance(value, Mapping):
        return {}
    scalars = {str(name): inner for name, inner in value.items() if isinstance(inner, str | int | float)}
    if len(scalars) != len(value):
        notes.add("Labels that are no plain values were left out.")
    if len(scalars) > MOST_LABELS:
        notes.add(f"Only the first {MOST_LABELS} of {len(scalars)} labels were kept.")
    kept = sorted(scalars.items())[:MOST_LABELS]
    if any(len(name) > LABEL_KEY for name, _ in kept):
        notes.add(f"Names of labels were cut at {LABEL_KEY} characters.")
    return {
        CONTROL.sub("\ufffd", name[:LABEL_KEY]): str(inner).lower()
        if isinstance(inner, bool)
        else text(inner, LABEL_VALUE, notes, f"label {name[:40]}")
        for name, inner in kept
    }


def link(rel: str, value: object, notes: Notes) -> Link | None:
    """An http(s) address without credentials in it; anything else is no link."""
    said = value.strip() if isinstance(value, str) else ""
    if not said:
        return None
    try:
        parts = urlsplit(said)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_web = False
    if not is_web or len(said) > URL or " " in said or not said.isprintable():
        notes.add(f"The {rel} link is no plain http(s) address and was left out.")
        return None
    return Link(rel=rel, url=said)


def severity(value: object) -> Severity | None:
    """Our severity for a sender's word, such as `Major` or `SEV-2`; None for a word that is not known."""
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    found = NUMBERED.fullmatch(word)
    return SEVERITIES.get(f"{SHORT.get(found[1], found[1])}{found[2]}" if found else word)


def number(value: object) -> float | None:
    """A finite number, also one told as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        told = float(value)
    except (ValueError, OverflowError):
        return None
    return told if math.isfinite(told) else None


def moment(value: object, received_at: datetime) -> tuple[datetime | None, str]:
    """A time as the sender told it, with its quality: given, parsed, implausible or absent.

    Year 1, the epoch, 0 and -1 say that there is none. A time before 2000, or more than five minutes ahead of our
    clock, is implausible: what was told is kept for people to see, and nothing rests on it (`usable`).
    """
    told, quality = _read(value)
    if told is None:
        return None, quality
    if told.date() in NO_TIME:
        return None, "absent"
    if not SHOWN[0] < told < SHOWN[1]:
        return None, "implausible"
    return told, quality if EARLIEST <= told <= received_at + AHEAD else "implausible"


def usable(value: object, received_at: datetime) -> datetime | None:
    """A time as the sender told it, if it is one to build on."""
    told, quality = moment(value, received_at)
    return told if quality in {"given", "parsed"} else None


def _read(value: object) -> tuple[datetime | None, str]:
    if value in (None, "", 0, -1, "0", "-1") or isinstance(value, bool):
        return None, "absent"
    try:
        if isinstance(value, int | float):
            return _from_epoch(float(value)), "parsed"
        said = str(value).strip()
        if re.fullmatch(r"\d{9,19}(\.\d+)?", said):
            return _from_epoch(float(said)), "parsed"
        try:
            told = datetime.fromisoformat(said)
        except ValueError:
            told, in_zone = _other_spelling(said), "parsed"
        else:
            in_zone = "given"
        return (told.astimezone(UTC), in_zone) if told.tzinfo else (told.replace(tzinfo=UTC), "parsed")
    except (ValueError, OverflowError, OSError):
        # `0001-01-01T00:00:00+02:00` lies before what a datetime can say in UTC; it is the same "no time".
        return None, "absent" if str(value).startswith(("0001-01-01", "0000-")) else "implausible"


def _other_spelling(said: str) -> datetime:
    """ctime, RFC 1123, Go's and Java's own, US order, offsets as `+01.00`, `Z+2`, `(UTC)`; nothing without a year."""
    if len(said) > LONGEST_TIME or not YEAR.search(said):
        raise ValueError(said)
    plain = re.sub(r" m=[+-][0-9.]+$", "", said.replace("(", " ").replace(")", " "))
    plain = re.sub(r"([+-]\d\d)\.(\d\d)$", r"\1:\2", plain)
    plain = re.sub(r"(?:Z|UTC|GMT)([+-])(\d{1,2})$", lambda found: f"{found[1]}{int(found[2]):02}:00", plain)
    plain = re.sub(r"([+-]\d{4}) [A-Z]{3,5}$", r"\1", plain)
    return dateutil.parser.parse(plain, tzinfos=_zone)


def _zone(name: str | None, offset: int | None) -> int:
    """Seconds east of Greenwich; a name that is not known counts as UTC."""
    return offset if offset is not None else ZONES.get((name or "").upper(), 0) * 3600


def _from_epoch(value: float) -> datetime:
    """Seconds; what would be the year 5138 or later is milliseconds, then microseconds, then nanoseconds.

    A number of digits between two of these is no clock: read as the next unit, it would lie in the seventies.
    """
    if not math.isfinite(value):
        raise ValueError(value)
    seconds = value
    for _ in range(3):
        seconds = seconds / 1000 if abs(seconds) >= 1e11 else seconds
    if seconds != value and seconds < EARLIEST.timestamp():
        raise ValueError(value)
    return datetime.fromtimestamp(seconds, UTC)


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def tags(value: object) -> dict[str, str]:
    """Names to texts of tags such as `env:prod`: a list of them, or one text with commas; a bare tag has no text."""
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    pairs = [tag.strip().partition(":") for tag in listed if isinstance(tag, str) and tag.strip()]
    return {name.strip(): told.strip() for name, _, told in pairs if name.strip()}
