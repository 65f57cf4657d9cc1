"""Small marks that templates share: icons, states, tiers, people, times."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from console import assurance, marks, phrases
from console.drawing.stroke import stroke as stroke_path
from console.selectors import faces
from core import clock

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon by name, hidden from screen readers: a word always stands beside it."""
    drawn = mark_safe(marks.ICONS[name])  # noqa: S308 -- our own table
    return format_html('<svg class="i {}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', extra, drawn)


@register.simple_tag
def assured() -> dict[str, Any]:
    """What this installation guarantees and does not, as sentences and in short."""
    known = assurance.facts()
    return {"sentences": assurance.sentences(known), "strengths": assurance.strengths(known)}


@register.inclusion_tag("components/sev.html")
def sev(severity: str) -> dict[str, Any]:
    """A severity as a numbered block."""
    return {"severity": severity, "number": severity.removeprefix("S")}


@register.inclusion_tag("components/tier.html")
def tier(name: str, score: int | str = "") -> dict[str, Any]:
    """A risk tier: rising bars, the word, and the score behind it."""
    on = marks.TIER_BARS.get(name, 0)
    bars = [
        {"on": at < on, "x": at * 5, "y": f"{8 - 2.6 * at:.1f}", "height": f"{4 + 2.6 * at:.1f}"} for at in range(4)
    ]
    return {"name": name, "score": score, "css": marks.TIER_CLASS.get(name, "low"), "bars": bars}


@register.inclusion_tag("components/state.html")
def state(value: marks.State | str) -> dict[str, Any]:
    """A state: icon and word."""
    return {"state": marks.STATES[value] if isinstance(value, str) else value}


@register.inclusion_tag("components/who.html")
def who(face: Any) -> dict[str, Any]:  # noqa: ANN401 -- anything with kind, mark and name
    """A person or an agent."""
    return {"face": face}


@register.inclusion_tag("components/stroke.html")
def stroke(path: str, extra: str = "") -> dict[str, Any]:
    """A signature stroke."""
    return {"path": path, "extra": extra}


@register.simple_tag
def actor_face(actor: str) -> faces.Face:
    """Whoever the ledger names, as a face."""
    return faces.actor(actor, faces.people(faces.person_ids([actor])))


@register.simple_tag
def lapse(passed: timedelta) -> str:
    """A length of time in two units."""
    return phrases.span(passed)


@register.filter
def stroke_of(key_id: str) -> str:
    """The path that a key always leaves."""
    return stroke_path(key_id)


@register.simple_tag
def age(moment: datetime) -> SafeString:
    """How long ago, ticking in the browser."""
    return _time(moment, phrases.age(clock.now() - moment), "age")


@register.simple_tag
def lasting(moment: datetime) -> SafeString:
    """How long since, in two units, ticking in the browser."""
    return _time(moment, phrases.span(clock.now() - moment), "span")


@register.simple_tag
def left(moment: datetime) -> SafeString:
    """How long until, ticking down in the browser."""
    return _time(moment, phrases.span(moment - clock.now()), "left")


@register.simple_tag
def at(moment: datetime, form: str = "%H:%M:%S") -> SafeString:
    """A time in UTC; with its day where it is not today's."""
    day = "" if moment.date() == clock.now().date() else f"{moment.day} {moment:%b} "
    return _time(moment, f"{day}{moment.strftime(form)}", "")


def _time(moment: datetime, text: str, ticks: str) -> SafeString:
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if ticks:
        return format_html(
            '<time datetime="{}" data-ticks="{}" title="{} UTC">{}</time>', stamp, ticks, moment_text(moment), text
        )
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', stamp, moment_text(moment), text)


def moment_text(moment: datetime) -> str:
    """A time in full, for a tooltip."""
    return f"{moment.day} {moment:%B %Y %H:%M:%S}"


@register.filter
def digits(number: int) -> str:
    """A whole number with its thousands apart."""
    return phrases.digits(number)


@register.filter
def short_hash(hexadecimal: str) -> str:
    """Head and tail of a digest."""
    return phrases.short_hash(hexadecimal)


@register.filter
def grouped_hash(hexadecimal: str) -> str:
    """A digest in groups of four."""
    return phrases.grouped_hash(hexadecimal)


@register.filter
def times(count: int) -> str:
    """`{{ n|times }}`: once, twice, 5 times."""
    return phrases.times(count)


@register.filter
def plural(count: int, words: str) -> str:
    """`{{ n|plural:"alert" }}`, or with both forms: `"entry,entries"`."""
    one, _, many = words.partition(",")
    return phrases.plural(count, one, many)
