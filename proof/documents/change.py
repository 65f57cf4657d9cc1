"""A change: a plan frozen for approval."""

from dataclasses import dataclass

from proof.documents.fields import DECIMAL, DIGEST, HEX_128, TIME, DocumentError, Fields, document
from proof.documents.types import CHANGE, TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name and what it stands for: a parameter's value, a document's digest, a sentence."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What takes a step back."""

    title: str
    command: str
    params: tuple[Named, ...]
    timeout_s: int
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One idempotent action on one target, `<environment>/<slug>`."""

    index: int
    action: str
    adapter: str
    target: str
    title: str
    command: str
    params: tuple[Named, ...]
    timeout_s: int
    idempotency_key: str
    undo: Undo | None
    undo_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """What must be true right before a step runs."""

    probe: str
    target: str
    expect: str
    max_age_s: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How one will know that it helped."""

    target: str
    query: str
    compare: str
    threshold: str
    hold_s: int
    timeout_s: int
    every_s: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFactor:
    """What made the change as risky as it is said to be."""

    name: str
    level: str
    points: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The whole of what is signed; see the attributes of the same names in the document.

    Attributes:
        tier, score: as claimed; the floor is derived from the steps (`proof.limits`).
        policy_people: how many people the policy asked for, as claimed.
    """

    id: str
    version: int
    audience: str
    environment: str
    incident: str
    intent: str
    runbook: tuple[str, str, str]
    proposer_kind: str
    proposer_id: str
    interested_persons: tuple[str, ...]
    prior_denials: tuple[str, ...]
    steps: tuple[Step, ...]
    preconditions: tuple[Precondition, ...]
    verification: Verification
    touches: tuple[Named, ...]
    unaffected: tuple[str, ...]
    diffs: tuple[Named, ...]
    blast_services: tuple[str, ...]
    blast_sentence: str
    evidence: tuple[Named, ...]
    confidence: str
    hypothesis: str
    score: int
    tier: str
    factors: tuple[RiskFactor, ...]
    policy_sha256: str
    policy_version: int
    policy_rule: str
    policy_people: int
    created_at: str
    not_before: str
    expires_at: str
    execute_by: str
    max_uses: int
    nonce: str


def parse_change(data: bytes) -> Change:
    """Read the bytes of a change.

    Raises:
        DocumentError: They are not a change.
    """
    change = document(data, CHANGE, _change)
    if not change.steps or [step.index for step in change.steps] != list(range(len(change.steps))):
        msg = "The steps of a change are numbered from 0 without gaps, and there is at least one."
        raise DocumentError(msg)
    if change.audience != f"executor:{change.environment}":
        msg = "The audience of a change is the executor of its environment."
        raise DocumentError(msg)
    for step in change.steps:
        if not step.target.startswith(f"{change.environment}/"):
            msg = f"Step {step.index} aims at {step.target}, outside {change.environment}."
            raise DocumentError(msg)
    if change.max_uses != 1:
        msg = "A change may be used once."
        raise DocumentError(msg)
    return change


def _change(f: Fields) -> Change:
    proposer = f.nested("proposer", lambda p: (p.one_of("kind", {"agent", "person", "service"}), p.text("id")))
    blast = f.nested("blast_radius", lambda b: (b.texts("services"), b.text("sentence")))
    score, tier, factors = f.nested(
        "risk", lambda r: (r.integer("score"), r.one_of("tier", TIERS), r.objects("factors", _factor))
    )
    policy = f.nested(
        "policy",
        lambda p: (p.text("sha256", DIGEST), p.integer("version"), p.text("rule"), p.integer("people")),
    )
    return Change(
        id=f.text("id", HEX_128),
        version=f.integer("version", minimum=1),
        audience=f.text("audience"),
        environment=f.text("environment"),
        incident=f.text("incident"),
        intent=f.text("intent"),
        runbook=f.nested("runbook", lambda r: (r.text("name"), _word(r, "version"), r.text("sha256", DIGEST))),
        proposer_kind=proposer[0],
        proposer_id=proposer[1],
        interested_persons=f.texts("interested_persons"),
        prior_denials=f.texts("prior_denials", DIGEST),
        steps=f.objects("steps", _step),
        preconditions=f.objects("preconditions", _precondition),
        verification=f.nested("verification", _verification),
        touches=f.objects("touches", lambda t: Named(name=t.text("name"), value=t.text("sentence"))),
        unaffected=f.texts("unaffected"),
        diffs=f.objects("diffs", lambda d: Named(name=d.text("path"), value=d.text("text"))),
        blast_services=blast[0],
        blast_sentence=blast[1],
        evidence=f.objects("evidence", lambda e: Named(name=e.text("name"), value=e.text("sha256", DIGEST))),
        confidence=f.text("confidence", DECIMAL),
        hypothesis=f.text("hypothesis"),
        score=score,
        tier=tier,
        factors=factors,
        policy_sha256=policy[0],
        policy_version=policy[1],
        policy_rule=policy[2],
        policy_people=policy[3],
        created_at=f.text("created_at", TIME),
        not_before=f.text("not_before", TIME),
        expires_at=f.text("expires_at", TIME),
        execute_by=f.text("execute_by", TIME),
        max_uses=f.integer("max_uses"),
        nonce=f.text("nonce", HEX_128),
    )


def _word(f: Fields, name: str) -> str:
    """A version, written as text or as a whole number."""
    value = f.take(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        msg = f"The runbook's {name} is neither text nor a whole number."
        raise DocumentError(msg)
    return str(value)


def _params(f: Fields) -> tuple[Named, ...]:
    found = f.objects("params", lambda p: Named(name=p.text("name"), value=p.text("value")))
    if len({param.name for param in found}) != len(found):
        msg = "A parameter is given twice."
        raise DocumentError(msg)
    return found


def _step(f: Fields) -> Step:
    undo = f.take("undo")
    return Step(
        index=f.integer("index"),
        action=f.text("action"),
        adapter=f.text("adapter"),
        target=f.text("target"),
        title=f.text("title"),
        command=f.text("command"),
        params=_params(f),
        timeout_s=f.integer("timeout_s", minimum=1),
        idempotency_key=f.text("idempotency_key", HEX_128),
        undo=None if undo is None else _undo(Fields(undo, "undo")),
        undo_note=f.text("undo_note"),
    )


def _undo(f: Fields) -> Undo:
    undo = Undo(
        title=f.text("title"),
        command=f.text("command"),
        params=_params(f),
        timeout_s=f.integer("timeout_s", minimum=1),
        idempotency_key=f.text("idempotency_key", HEX_128),
    )
    f.end()
    return undo


def _precondition(f: Fields) -> Precondition:
    return Precondition(
        probe=f.text("probe"),
        target=f.text("target"),
        expect=f.text("expect"),
        max_age_s=f.integer("max_age_s"),
        sentence=f.text("sentence"),
    )


def _verification(f: Fields) -> Verification:
    return Verification(
        target=f.text("target"),
        query=f.text("query"),
        compare=f.one_of("compare", {"<", ">"}),
        threshold=f.text("threshold", DECIMAL),
        hold_s=f.integer("hold_s"),
        timeout_s=f.integer("timeout_s", minimum=1),
        every_s=f.integer("every_s", minimum=1),
        sentence=f.text("sentence"),
    )


def _factor(f: Fields) -> RiskFactor:
    return RiskFactor(name=f.text("name"), level=f.text("level"), points=f.integer("points"), note=f.text("note"))
