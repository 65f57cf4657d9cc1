"""Who may sign a change and who may not, and why: by the rule that the executor uses, over the signed registry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from approvals import bundles, registry, settling
from audit import ledger
from core import clock
from core.errors import ConsoleError
from proof.documents import DocumentError, parse_change, parse_policy
from proof.quorum import State, evaluate, who_may_not
from proof.records import Record
from proof.registry import Registry

NO_RIGHT = "is not an approver, nor in a group that this needs."
NO_KEY = "no key left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What the signed registry says about a change.

    Attributes:
        may: ids of those whose approval would count now.
        may_not: id to sentence, of those alone whom one could have thought of.
        barred: id to sentence, of everybody in the registry whose approval would not count.
        slots: what is still missing, a phrase each.
        problem: why no signature helps at all; empty where some would.
        judged: whether the rule was asked at all: there were a registry and a policy.
        solo: whether the policy lets one person decide about what they proposed themselves.
    """

    may: Sequence[str] = ()
    may_not: Mapping[str, str] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict)
    slots: Sequence[str] = ()
    problem: str = ""
    judged: bool = False
    solo: bool = False

    def why_not(self, person_id: str) -> str:
        """Why this person's approval would not count, as it is said to their face; empty where it would."""
        if person_id in self.may:
            return ""
        return to_your_face(
            self.barred.get(person_id, f"{person_id} is not in the signed registry of keys."), person_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The registry, the policy and the signed acts, read once for many changes."""

    registry: Registry
    policy: bytes
    acts: Sequence[Record]

    def of(self, digest: str, records: Sequence[Record] | None = None) -> Eligibility:
        """Who may sign this change; with its own `records` also what is still missing."""
        try:
            content = ledger.fetch(digest)
        except ConsoleError as error:
            return Eligibility(problem=error.detail, judged=True)
        given = self.acts if records is None else records
        now = clock.now()
        barred = who_may_not(content, self.registry, self.policy, given, now=now)
        if not barred or records is not None:
            audience = _audience(content)
            verdict = evaluate(content, given, self.registry, self.policy, now=now, audience=audience)
            if verdict.state is State.INVALID:
                return Eligibility(problem=" ".join(verdict.reasons), judged=True)
            slots: Sequence[str] = verdict.slots
        else:
            slots = ()
        return Eligibility(
            may=[person.person_id for person in self.registry.persons if person.person_id not in barred],
            may_not={who: why for who, why in barred.items() if not why.endswith(NO_RIGHT)},
            barred=barred,
            slots=slots,
            judged=True,
            solo=parse_policy(self.policy).solo,
        )


def judge() -> Judge | None:
    """What judges requests now; None where there is no registry or policy that holds."""
    try:
        return Judge(registry=registry.current(), policy=bundles.in_force().content, acts=settling.records_of(""))
    except ConsoleError:
        return None


def in_full(digest: str) -> Eligibility:
    """One change with all that was signed about it."""
    found = judge()
    if found is None:
        return Eligibility()
    try:
        records = settling.records_of(digest)
    except ConsoleError as error:
        return Eligibility(problem=error.detail, judged=True)
    return found.of(digest, records)


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence of the rule with the people in it by name."""
    for person_id, name in names.items():
        sentence = sentence.replace(person_id, name)
    return sentence


YOURS = (
    ("The key of {} is", "Your key is"),
    ("{} has ", "You have "),
    ("{} is ", "You are "),
    ("{} was ", "You were "),
    ("{} ", "You "),
    ("; they may", "; you may"),
)


def to_your_face(sentence: str, person_id: str) -> str:
    """The same sentence as it is said to the one whom it is about."""
    for theirs, yours in YOURS:
        sentence = sentence.replace(theirs.format(person_id), yours)
    return sentence


def _audience(content: bytes) -> str:
    try:
        return parse_change(content).audience
    except DocumentError:
        return ""
