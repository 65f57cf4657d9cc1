"""Numbers, spans and hashes as people read them: short words, units, no guessing."""

from datetime import datetime, timedelta

from core import clock

NARROW = "\u202f"


def age(passed: timedelta) -> str:
    """How old, for a table cell: `20 s`, `12 m`, `1 h 50`, `3 d`."""
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"
    return f"{seconds // 86_400} d"


def span(passed: timedelta) -> str:
    """How long, in two units: `0.4 s`, `42 s`, `2 m 13 s`, `7 h 51 m`, `2 d 3 h`."""
    exact = max(0.0, passed.total_seconds())
    seconds = int(exact)
    if seconds < 1:
        return f"{exact:.1f} s" if exact >= 0.05 else "0 s"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} m"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def clock_time(moment: datetime) -> str:
    """A time of day in UTC, with its day where that is not today."""
    day = "" if moment.date() == clock.now().date() else f"{moment.day} {moment:%b} "
    return f"{day}{moment:%H:%M}"


def digits(number: int) -> str:
    """A whole number with its thousands apart: `88 412`."""
    return f"{number:,}".replace(",", NARROW)


def short_hash(hexadecimal: str) -> str:
    """Head and tail of a digest, for a table cell."""
    return f"{hexadecimal[:4]}…{hexadecimal[-4:]}" if len(hexadecimal) > 8 else hexadecimal


def grouped_hash(hexadecimal: str) -> str:
    """A whole digest in groups of four, to be read aloud."""
    return " ".join(hexadecimal[at : at + 4] for at in range(0, len(hexadecimal), 4))


def plural(count: int, one: str, many: str = "") -> str:
    """`1 alert`, `3 alerts`."""
    return f"{digits(count)} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """`once`, `twice`, `5 times`."""
    return {1: "once", 2: "twice"}.get(count) or plural(count, "time")


def figure(value: float, unit: str = "") -> str:
    """A measured value with its unit, to three digits at most."""
    if unit == "ratio":
        return f"{_trim(value * 100)} %"
    if unit in {"bytes", "B"}:
        return _bytes(value)
    text = _trim(value)
    return f"{text} {unit}" if unit else text


def _trim(value: float) -> str:
    size = abs(value)
    if size >= 10_000:
        return f"{value / 1000:.0f} k"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 1:
        return f"{value:.1f}".removesuffix(".0")
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".") or "0"


def _bytes(value: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if abs(value) < 1024:
            return f"{_trim(value)} {unit}"
        value /= 1024
    return f"{_trim(value)} GiB"
