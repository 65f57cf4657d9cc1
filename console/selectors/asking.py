"""What somebody looks for in the trail: fields and one line of words, understood, and told back as marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from audit.models import Entry
from audit.search import Search
from people.models import Person

FIELDS = ("subject", "kind", "who", "since", "until", "text")
SUBJECT = re.compile(r"[a-z][a-z-]*:[!-~]{1,119}")
DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that is looked for, and the address of the list without it."""

    name: str
    words: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search as a page shows it.

    Attributes:
        given: the fields as they were given and understood to be given, for links and the form.
        record: a record's number, where that is what was typed.
    """

    search: Search
    given: dict[str, str]
    marks: Sequence[Mark]
    record: int | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.given)

    @property
    def query(self) -> str:
        """The fields for a link, ending in `&` if there are any."""
        return f"{urlencode(self.given)}&" if self.given else ""


def understand(asked: QueryDict) -> Asked:
    """Read the fields; words that name an incident, a digest, a person or a record become what they name."""
    given = {name: asked.get(name, "").strip()[:200] for name in FIELDS}
    given["subject"] = _subject(given["subject"])
    text, record = given["text"], None
    if text:
        given, record = _named({**given, "text": ""}, text)
    given = {name: value for name, value in given.items() if value}
    search = Search(
        who=_actors(given.get("who", "")),
        subject=given.get("subject", ""),
        kind=given.get("kind", ""),
        text=given.get("text", ""),
        since=_day(given.get("since", "")),
        until=_day(given.get("until", ""), after=True),
    )
    if DIGEST.fullmatch(search.text):
        search = replace(search, text="", digest=search.text)
    return Asked(search=search, given=given, marks=_marks(given), record=record)


def _named(given: dict[str, str], text: str) -> tuple[dict[str, str], int | None]:
    digits = text.replace("\u202f", "").replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) <= LARGEST_DIGITS:
        return given, int(digits)
    subject = _subject(text)
    if subject != text or SUBJECT.fullmatch(text):
        return {**given, "subject": subject}, None
    if DIGEST.fullmatch(text):
        known = Entry.objects.filter(mentions__subject=f"change:{text}").exists()
        return {**given, **({"subject": f"change:{text}"} if known else {"text": text})}, None
    person = Person.objects.filter(Q(handle__iexact=text) | Q(name__iexact=text)).first()
    if person is not None and not given["who"]:
        return {**given, "who": person.handle}, None
    return {**given, "text": text}, None


def _subject(text: str) -> str:
    """A subject as the ledger says it; `INC-42` is taken too."""
    head, _, number = text.partition("-")
    return f"incident:{number}" if head.upper() == "INC" and number.isascii() and number.isdigit() else text[:120]


def _actors(who: str) -> tuple[str, ...]:
    """One actor, a person by handle; `people` and `agents` stand for all of them."""
    kinds = {"": (), "people": ("person:",), "agents": ("agent:", "service:")}
    if who in kinds or ":" in who:
        return kinds.get(who, (who,))
    person = Person.objects.filter(handle=who).first()
    return (f"person:{person.pk}" if person else "nobody",)


def _day(text: str, *, after: bool = False) -> datetime | None:
    """The beginning of a day in UTC, or of the one after it; nothing where no day is named."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return day + timedelta(days=1) if after else day


def _marks(given: dict[str, str]) -> list[Mark]:
    said = {"since": "since {}", "until": "until {}", "text": "“{}”"}
    return [
        Mark(name=name, words=said.get(name, "{}").format(_words(name, value)), without=_without(given, name))
        for name, value in given.items()
        if name != "kind"
    ]


def _words(name: str, value: str) -> str:
    if name == "subject" and value.startswith("incident:"):
        return f"INC-{value.removeprefix('incident:')}"
    if name == "who":
        known = Person.objects.filter(handle=value).values_list("name", flat=True).first()
        return known or value.removeprefix("agent:").removeprefix("service:")
    return value


def _without(given: dict[str, str], name: str) -> str:
    rest = {key: value for key, value in given.items() if key != name}
    return f"/audit/?{urlencode(rest)}" if rest else "/audit/"
