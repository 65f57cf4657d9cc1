"""How an action came about: from the first signal to the outcome, each stage with the records that say so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import Entry
from audit.selectors import facts_of
from console import phrases

MOST = 400
OUTCOMES = {
    "remediation.completed": "recovered",
    "remediation.rolled_back": "undone, it did not help",
    "remediation.failed": "no remedy, people took over",
    "incident.resolved": "resolved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One link of the chain.

    Attributes:
        by_people: whether people did it, so that it is drawn solid.
        first, last: the numbers of its records.
        here: whether the record that the chain is told for is among them.
    """

    at: datetime
    title: str
    text: str
    by_people: bool
    first: int
    last: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    seq: int
    at: datetime
    verb: str
    actor: str
    about: frozenset[str]
    facts: Mapping[str, Any]

    @property
    def is_person(self) -> bool:
        return self.actor.startswith("person:")

    @property
    def names_a_change(self) -> bool:
        return any(one.startswith("change:") for one in self.about)


def of(seq: int, about: Iterable[str]) -> Sequence[Stage]:
    """The chain that the record stands in; empty where it is about no incident."""
    subjects = frozenset(about)
    incident = next((one for one in sorted(subjects) if one.startswith("incident:")), "")
    told = _told(incident) if incident else []
    if not told:
        return ()
    change = _change(told, seq, subjects)
    return [_stage(title, records, text, seq) for title, records, text in _stages(told, change) if records]


def _told(incident: str) -> list[_Told]:
    found = Entry.objects.filter(mentions__subject=incident, leaf__isnull=False).select_related("leaf")
    rows = list(found.prefetch_related("mentions").order_by("-leaf__seq")[:MOST])
    return [
        _Told(
            seq=row.leaf.seq,
            at=row.at,
            verb=row.verb,
            actor=row.actor,
            about=frozenset(mention.subject for mention in row.mentions.all()),
            facts=facts_of(row),
        )
        for row in reversed(rows)
    ]


def _change(told: Sequence[_Told], seq: int, subjects: frozenset[str]) -> str:
    """The change that this is about: the record's own, else the newest before it, else the first after it."""
    own = next((one for one in sorted(subjects) if one.startswith("change:")), "")
    frozen = [one for one in told if one.verb == "change.frozen"]
    before = [one for one in frozen if one.seq <= seq]
    near = before[-1:] or frozen[:1]
    return own or next((one for found in near for one in sorted(found.about) if one.startswith("change:")), "")


def _stages(told: Sequence[_Told], change: str) -> Iterable[tuple[str, list[_Told], str]]:
    def named(*verbs: str) -> list[_Told]:
        return [one for one in told if one.verb in verbs]

    def here(*verbs: str) -> list[_Told]:
        return [one for one in named(*verbs) if change in one.about or not one.names_a_change]

    alerts, ranked, plan = named("alert.fired"), named("hypotheses.ranked"), here("change.frozen")
    yield "Signal", alerts, phrases.plural(len(alerts), "alert")
    yield "Incident", named("incident.opened"), "joined into one" if len(alerts) > 1 else "opened"
    until = plan[0].seq if plan else told[-1].seq
    yield "Diagnosis", [one for one in ranked if one.seq <= until][-1:], _hypotheses(ranked)
    yield "Plan", plan[:1], _version(plan)
    asked = here("request.opened")
    yield "Decision", asked[:1], _needed(asked)
    signed = [one for one in here("decision.recorded") if one.is_person]
    yield _signatures(signed), signed, _people(signed)
    yield "Override", here("override.used"), "one person alone"
    intended = here("run.intended")
    started = intended[0].seq if intended else None
    steps = [one for one in named("step.finished", "step.undone") if started is not None and one.seq > started]
    yield "Intent", intended[:1], "written before acting"
    yield "Execution", steps, phrases.plural(len(steps), "step")
    yield "Result", named("executor.result")[-1:], "signed by the executor"
    after = [one for one in named("verification.read") if started is not None and one.seq > started]
    yield "Verification", after[-1:], "the symptom was watched"
    ended = [one for one in named(*OUTCOMES) if one.seq > (started or 0)]
    yield "Outcome", ended[:1], OUTCOMES[ended[0].verb] if ended else ""


def _stage(title: str, records: Sequence[_Told], text: str, seq: int) -> Stage:
    return Stage(
        at=records[-1].at if title.endswith(("signature", "signatures")) else records[0].at,
        title=title,
        text=text,
        by_people=records[-1].is_person,
        first=records[0].seq,
        last=records[-1].seq,
        here=any(one.seq == seq for one in records),
    )


def _hypotheses(ranked: Sequence[_Told]) -> str:
    count = ranked[-1].facts.get("hypotheses", ranked[-1].facts.get("count")) if ranked else None
    total = len(count) if isinstance(count, list) else count
    return phrases.plural(total, "hypothesis", "hypotheses") if isinstance(total, int) else "causes ranked"


def _version(plan: Sequence[_Told]) -> str:
    version = plan[0].facts.get("version") if plan else None
    return f"revision {version}" if version else "frozen"


def _needed(asked: Sequence[_Told]) -> str:
    needed = asked[0].facts.get("needed") if asked else None
    return f"asked for {needed}" if isinstance(needed, int) and needed else "policy alone"


def _signatures(signed: Sequence[_Told]) -> str:
    return phrases.plural(len(signed), "signature")


def _people(signed: Sequence[_Told]) -> str:
    count = len({one.actor for one in signed})
    return f"{phrases.plural(count, 'person', 'people')}, 1 change"
