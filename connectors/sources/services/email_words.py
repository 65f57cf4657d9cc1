"""What mail says about an alert: words of subjects, lines of bodies, and which numbers in a subject change. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from connectors import reading
from incidents.events import Severity, Status

WORDS: Mapping[Status, str] = {
    Status.FIRING: "activated alarm alert alerting crit critical dead degraded disaster down error fail failed failing "
    "failure fired firing opened offline outage problem triggered unavailable unhealthy unknown unreachable warn "
    "warning ausfall fehler gestört kritisch störung warnung",
    Status.ACKNOWLEDGED: "ack acked acknowledged acknowledgement bestätigt",
    Status.RESOLVED: "back_to_normal clear cleared closed fixed normal ok recovered recovery resolved up "
    "behoben entwarnung erholt gelöst geschlossen wiederhergestellt",
    Status.SUPPRESSED: "muted silenced snoozed suppressed",
    Status.PENDING: "insufficient_data pending",
}
STATUSES: Mapping[str, Status] = {
    word.replace("_", " "): status for status, listed in WORDS.items() for word in listed.split()
}
SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("down", "kritisch", "ausfall"), Severity.CRITICAL),
    **dict.fromkeys(("unreachable", "fehler", "hoch", "störung", "failure", "failed"), Severity.HIGH),
    **dict.fromkeys(("unknown", "warnung", "mittel", "not classified"), Severity.WARNING),
    **dict.fromkeys(("up", "niedrig", "gering"), Severity.INFO),
}
LOUD: Final = r"critical|crit|emergency|fatal|disaster|warning|warn|major|minor|kritisch|warnung|p[1-5]|sev-?[0-4]"
"""Words of severity that count anywhere in a subject; the others only where a subject or a line declares one."""
QUIET: Final = ("flapping", "downtime")
NO_SEVERITY: Final = frozenset({"alert", "none", "ok", "page"})
"""Words of a tag that may mean one elsewhere."""
STATUS_LINES: Final = (
    "notification type",
    "alert status",
    "alert state",
    "problem status",
    "trigger status",
    "state change",
    "new state",
    "current state",
    "status",
    "state",
    "zustand",
)
SEVERITY_LINES: Final = ("severity", "trigger severity", "priority", "level", "schweregrad", "priorität", "state")
RESOURCE_LINES: Final = ("host", "hostname", "server", "instance", "device", "node", "rechner")
SERVICE_LINES: Final = ("service", "application", "dienst")
LINK_LINES: Final = ("url", "link", "details")
DECLARED: Final = frozenset(
    {*STATUS_LINES, *SEVERITY_LINES, *RESOURCE_LINES, *SERVICE_LINES, *LINK_LINES, "environment", "umgebung"}
)
LINES_LOOKED_AT: Final = 60
_STAGES = "prod production live staging stage test testing dev development qa uat int"
ENVIRONMENTS: Final = frozenset(_STAGES.split())

_ANY = "|".join(sorted((re.escape(word) for word in STATUSES), key=len, reverse=True))
PREFIX: Final = re.compile(r"\s*(?:re|fwd?|aw|wg|sv|tr|antw|antwort|rv|vs)(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
TAG: Final = re.compile(r"\s*\[([^\[\]]{1,60})\]\s*")
EDGE: Final = " \t*!#>|•-–—:~=."
CHANGE: Final = re.compile(rf"\b({_ANY})\s*(?:->|→|=>|-->)\s*({_ANY})\b", re.IGNORECASE)
LEAD: Final = re.compile(rf"(?:updated\s+)?({_ANY})(?:\s+in\s+[\d\shmsd.]+)?(?=\s*[:|!*]|\s+[-–—]\s)", re.IGNORECASE)
CHANGED: Final = re.compile(
    r"(?:incident|issue|alert|alarm|problem|monitor|check|web\s?site|site|server|service|host)\s+"
    r"(down|up|offline|unavailable|unreachable|degraded|failed|failing|firing|fired|triggered|activated|opened|started|"
    r"acknowledged|resolved|recovered|closed|cleared|fixed)(?=\s*[:|!]|\s+[-–—]\s)",
    re.IGNORECASE,
)
"""`Incident resolved: …`, `Website Up - …`; `started` there is no word of status and says that it fires."""
NAMED: Final = re.compile(r"[^\w\s]+\s+(?:down|up)")
"""The second tag of Uptime Kuma's subjects, `[Shop] [🔴 Down] timeout`; what it is about is the first."""
CAPITALS: Final = re.compile(rf"({_ANY.upper()})(?=\s|$)")
TAIL: Final = re.compile(
    rf"(?:\b(?:is|are|was|now|ist|wieder)|[:\-–—=])\s+(?:(?:now|back|wieder)\s+)?({_ANY})(?=\s*$|\s*[:(*!])",
    re.IGNORECASE,
)
PICTURES: Final = re.compile(r"^[^\w\s\[\](){}<>\"'/\\$%&@+-]+\s+")
NOT: Final = re.compile(rf"\b(?:not|never|no longer|nicht)\s+({_ANY})\b", re.IGNORECASE)
LINE: Final = re.compile(r"[\s*>•-]*([^\W\d][\w ]{2,24}?)\s*(?::|=)\s*(.{1,300}?)\s*\Z")
NUMBERS: Final = (
    re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"),
    re.compile(r"\b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?z|\s?[+-]\d\d:?\d\d)?)?"),
    re.compile(r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"),
    re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?\b"),
    re.compile(r"#\d+\b"),
    re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)?\s?(?:%|percent|prozent)"),
    re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)?\s?(?:[kmgt]i?b|b|bytes?|[mµu]?s|secs?|seconds?|mins?|minutes?|h|hours?|d|"
               r"days?|c|°c|v|w|rpm|req/s|/s)\b"),
    re.compile(r"(?<![\w.-])\d+\s(?=(?:errors?|failures?|alerts?|times|messages?|events?|problems?|fehler)\b)"),
    re.compile(r"(?<![\w.-])\d+[.,]\d+(?![\w.-])"),
    re.compile(r"([<>=≥≤]|\b(?:at|is|value|now|bei|von))\s*\d+(?![\w.-])"),
)  # fmt: skip
"""Ids, dates, times and measures: what differs between two mails about one thing. `web-1` and `port 443` stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject, taken apart.

    Attributes:
        title: without `Re:` and `Fwd:`.
        tags: what stands in square brackets at its beginning, lower case.
        rest: without those.
    """

    title: str
    tags: tuple[str, ...]
    rest: str


def subject_of(text: str) -> Subject:
    """Take a subject apart; a mailing list's tag may stand before and after `Re:`."""
    rest, tags, title = text.strip(), [], None
    for _ in range(20):
        prefix, tag = PREFIX.match(rest), TAG.match(rest)
        if prefix:
            rest = rest[prefix.end() :]
        elif tag:
            title = rest if title is None else title
            tags.append(tag[1].strip().lower())
            rest = rest[tag.end() :]
        else:
            break
    plain = PICTURES.sub("", rest.strip(EDGE)).strip(EDGE)
    return Subject(title=title if title is not None else rest, tags=tuple(tags), rest=plain)


def said_by_subject(subject: Subject) -> str | None:
    """The word of status that a subject declares: after an arrow, in a tag, at its beginning, at its end."""
    change = CHANGE.search(subject.rest)
    if change:
        return change[2].lower()
    tagged = [word for tag in subject.tags if (word := _tag_word(tag)) in STATUSES]
    if tagged:
        return tagged[0] if len({STATUSES[word] for word in tagged}) == 1 else "/".join(tagged)
    negated = NOT.search(subject.rest)
    if negated:
        return f"not {negated[1].lower()}"
    changed = CHANGED.match(subject.rest)
    if changed:
        return changed[1].lower() if changed[1].lower() in STATUSES else None
    found = LEAD.match(subject.rest) or CAPITALS.match(subject.rest) or TAIL.search(subject.rest)
    return found[1].lower() if found else None


def severity_in(subject: Subject) -> str | None:
    """The word of severity in a subject: in a tag, or one that means nothing else anywhere."""
    words = [_tag_word(tag) for tag in subject.tags]
    found = next(
        (word for word in words if reading.severity(word) and word not in {"ok", "alert", "page", "none"}), None
    )
    loud = re.search(rf"(?<![\w-])({LOUD})(?![\w-])", subject.rest, re.IGNORECASE)
    return found or (loud[1].lower().replace("sev-", "sev") if loud else None)


def same_again(subject: Subject) -> str:
    """A subject without what differs between two mails about one thing; never empty unless the subject is."""
    named = next((at for at, tag in enumerate(subject.tags) if at and NAMED.fullmatch(tag)), 0)
    if named:
        return " ".join(subject.tags[:named]).casefold()
    text = CHANGE.sub(" ", subject.rest).strip(EDGE)
    lead = CHANGED.match(text) or LEAD.match(text) or CAPITALS.match(text)
    text = TAIL.sub(" ", NOT.sub(" ", text[lead.end() :] if lead else text)).casefold()
    text = re.sub(rf"(?<![\w-])(?:{LOUD})(?![\w-])", " ", text)
    for changing in NUMBERS:
        text = changing.sub(lambda found: f" {found[1]} " if found.lastindex else " ", text)
    plain = " ".join(re.sub(r"[^\w/.@:<>-]+", " ", text).split()).strip(EDGE)
    return plain or subject.rest.casefold() or subject.title.casefold()


def environment_of(subject: Subject) -> str:
    """The environment that a tag names."""
    return next((tag for tag in subject.tags if tag in ENVIRONMENTS), "")


def lines_of(text: str) -> dict[str, str]:
    """The declared lines of a body, such as `State: CRITICAL`, by their lower-case name; the first of each."""
    found: dict[str, str] = {}
    for name, value in _pairs(text):
        if name in DECLARED:
            found.setdefault(name, value)
    return found


def state_after(value: str) -> str:
    """The word in a line's value; of `OK -> ALARM` the latter."""
    change = CHANGE.search(value)
    return (change[2] if change else value).strip(EDGE + "\"'()").lower()


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    lines = (line for line in text.splitlines() if line.strip())
    for line, _ in zip(lines, range(LINES_LOOKED_AT), strict=False):
        pair = LINE.match(line[:400])
        if pair:
            yield pair[1].lower(), pair[2]


def _tag_word(tag: str) -> str:
    plain = PICTURES.sub("", tag)
    return re.split(r"[:\s(]", plain, maxsplit=1)[0] if plain not in STATUSES else plain
