"""Who is asked about a request, who may not sign and why, and what waits for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from approvals import askees, bundles, registry
from approvals.lineage import acts_of
from approvals.models import ApprovalRequest, RequestState
from approvals.scoping import readable_requests
from approvals.selectors.told import Name, names_of
from approvals.settling import known, records_of
from audit import ledger
from core import clock
from people.models import Person
from proof import quorum
from proof.documents import parse_change

NEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody who is asked.

    Attributes:
        groups: the roles and groups of the signed registry for which they are asked.
        via: quorum, backup or manager: the step that asked them.
        since: when that was.
        why_not: why their signature would not count; empty if it would.
        verdict: what they said last; empty if nothing.
    """

    person_id: str
    name: str
    initials: str
    groups: tuple[str, ...]
    via: str
    since: datetime
    may_sign: bool
    why_not: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MayNot:
    """Somebody whose approval would not count, with the reason as a sentence."""

    person_id: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What waits, and what was decided.

    Attributes:
        mine: asked of this person, who may sign it and has not.
        team: open, for others.
        decided: settled, newest first.
        alike: for each LOW request that is mine, those of mine that would do the same, itself first: one prompt for
            all of them.
    """

    mine: Sequence[ApprovalRequest] = field(default_factory=tuple)
    team: Sequence[ApprovalRequest] = field(default_factory=tuple)
    decided: Sequence[ApprovalRequest] = field(default_factory=tuple)
    alike: Mapping[int, Sequence[int]] = field(default_factory=dict)


def asked(request: ApprovalRequest) -> list[Asked]:
    """Everybody who is asked by now, those of the opening first."""
    found, current = askees.asked_at(request), registry.current()
    people, refused = names_of(found), _refused(request)
    said = dict(request.decisions.order_by("decided_at", "pk").values_list("person_id", "verdict"))
    since = dict(request.timers.exclude(done_at=None).values_list("kind", "done_at"))
    rows = []
    for person_id, via in found.items():
        person = current.person(person_id)
        rows.append(
            Asked(
                person_id=person_id,
                name=people[person_id].name,
                initials=people[person_id].initials,
                groups=tuple(sorted(person.roles | person.groups)) if person else (),
                via=via,
                since=since.get(via) or request.created_at,
                may_sign=person_id not in refused,
                why_not=refused.get(person_id, ""),
                verdict=said.get(person_id, ""),
            )
        )
    return rows


def who_may_not(request: ApprovalRequest) -> list[MayNot]:
    """Everybody in the signed registry whose approval would not count here, and why; agents never sign."""
    refused = _refused(request)
    people: dict[str, Name] = names_of(refused)
    return [
        MayNot(person_id=person, name=people[person].name, sentence=sentence) for person, sentence in refused.items()
    ]


def inbox(person: Person) -> Inbox:
    """What waits for a person, for others, and what was decided, as far as they may read it."""
    readable = readable_requests(person.as_actor(), ApprovalRequest.objects.select_related("change"))
    waiting = readable.filter(state=RequestState.PENDING).order_by("expires_at", "pk")
    mine = [request for request in waiting if _waits_for(request, person.pk)]
    ids = {request.pk for request in mine}
    return Inbox(
        mine=mine,
        team=[request for request in waiting if request.pk not in ids],
        decided=list(readable.exclude(state=RequestState.PENDING).order_by("-settled_at", "-pk")[:NEWEST]),
        alike=_alike(mine),
    )


def _alike(requests: Sequence[ApprovalRequest]) -> dict[int, list[int]]:
    groups: dict[object, list[int]] = {}
    for request in requests:
        if request.change.tier == "LOW":
            groups.setdefault(acts_of(parse_change(ledger.fetch(request.change_id))), []).append(request.pk)
    return {group[0]: group for group in groups.values()}


def _waits_for(request: ApprovalRequest, person_id: str) -> bool:
    open_for_them = request.last_said_by(person_id) in {"", "revoke"}
    return open_for_them and person_id in askees.asked_at(request) and person_id not in _refused(request)


def _refused(request: ApprovalRequest) -> dict[str, str]:
    """Person id to why not; the rule's own sentences, without the id that begins them."""
    found = quorum.who_may_not(
        ledger.fetch(request.change_id),
        registry.current(),
        bundles.in_force().content,
        records_of(request.change_id),
        now=clock.now(),
        find=known,
    )
    return {person: _sentence(why, person) for person, why in found.items()}


def _sentence(why: str, person_id: str) -> str:
    bare = why.removeprefix(person_id).strip()
    return bare[:1].upper() + bare[1:]
