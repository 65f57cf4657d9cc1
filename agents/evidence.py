"""What was read, as a stored snapshot: canonical JSON in our words, numbers as decimal strings, sizes capped."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.base import Commit, LogLine, Series
from core import clock
from proof import canonical

MEDIA_TYPE = "application/vnd.countersign.evidence+json"
MAX_POINTS = 1200
MAX_LINES = 60
MAX_TEXT = 400
MAX_DIFF = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One thing that was read.

    Attributes:
        name: stable within a remediation, such as `heap-checkout`.
        kind: metric, log, change, topology, alert.
        facts: the numbers behind the sentence, for pages.
        body: what is kept; `content` gives its bytes.
    """

    name: str
    kind: str
    source: str
    sentence: str
    read_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        """The canonical bytes that are kept."""
        head = {
            "_type": "urn:countersign:evidence:v1",
            "kind": self.kind,
            "name": self.name,
            "read_at": clock.rfc3339(self.read_at),
            "sentence": plain(self.sentence),
            "source": plain(self.source),
        }
        return canonical.dumps({**head, **self.body}, max_bytes=1_000_000)


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """Text from outside as documents may hold it: normal form C, no NUL, no half characters, not too long."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")
    whole = unicodedata.normalize("NFC", whole)
    return whole if len(whole) <= limit else f"{whole[: limit - 1]}…"


def decimal(value: float) -> str:
    """A measured number as a decimal string without an exponent."""
    return format(Decimal(repr(float(value))), "f")


def metric_body(query: str, start: datetime, end: datetime, step_s: float, series: Sequence[Series]) -> dict[str, Any]:
    """A metric range as it came, newest points kept where there are too many."""
    return {
        "query": plain(query),
        "start": clock.rfc3339(start),
        "end": clock.rfc3339(end),
        "step_s": decimal(step_s),
        "series": [
            {
                "labels": [
                    {"name": plain(name), "value": plain(str(value))} for name, value in sorted(one.labels.items())
                ],
                "points": [[decimal(at), decimal(value)] for at, value in one.points[-MAX_POINTS:]],
            }
            for one in series[:20]
        ],
    }


def _pairs(values: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"name": plain(str(name), 80), "value": plain(str(value), 200)} for name, value in sorted(values.items())]


def log_body(process: str, lines: Sequence[LogLine], read: int) -> dict[str, Any]:
    """An excerpt of a log: data for ever, whatever it says."""
    return {
        "process": plain(process),
        "lines_read": read,
        "lines": [
            {
                "at": clock.rfc3339(line.at) if line.at else "",
                "level": plain(line.level, 20),
                "message": plain(line.message),
                "fields": _pairs(line.fields)[:12],
            }
            for line in lines[:MAX_LINES]
        ],
    }


def change_body(since: datetime, commits: Sequence[Commit]) -> dict[str, Any]:
    """The commits since a moment, with their diffs cut short."""
    return {
        "since": clock.rfc3339(since),
        "commits": [
            {
                "sha": commit.sha,
                "at": clock.rfc3339(commit.at),
                "author": plain(commit.author, 120),
                "subject": plain(commit.subject),
                "files": [plain(name) for name in commit.files[:50]],
                "diff": plain(commit.diff, MAX_DIFF),
            }
            for commit in commits[:30]
        ],
    }


def failure(name: str, kind: str, source: str, why: str, read_at: datetime) -> Snapshot:
    """What is kept where a reader did not answer: diagnosis goes on without it, and says so."""
    words = {"metric": "Metrics", "log": "Logs", "change": "Changes"}.get(kind, "A source")
    sentence = plain(f"{words} did not answer ({name}); diagnosis goes on without them. {why}", 500)
    return Snapshot(
        name=name,
        kind=kind,
        source=source,
        sentence=sentence,
        read_at=read_at,
        facts={"failed": True},
        body={"failed": True, "why": plain(why)},
    )
