"""What differs between two versions of a change, in sentences. Pure: the same bytes give the same list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proof.documents import Change, Step, parse_change
from proof.documents.change import Named

NOTHING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that changed.

    Attributes:
        path: such as `steps/1/params/size`; stable, for programs.
        before, after: as text; empty where it was not there.
        sentence: for people.
    """

    path: str
    before: str
    after: str
    sentence: str


def changes_between(old: bytes, new: bytes) -> list[Difference]:
    """Every difference that a signer has to know, in the order of the page; ids, nonces and times of asking left out.

    Raises:
        DocumentError: One of them is not a change.
    """
    before, after = dict(_facts(parse_change(old))), dict(_facts(parse_change(new)))
    paths = list(dict.fromkeys([*before, *after]))
    return [
        Difference(path=path, before=was[1], after=is_[1], sentence=_sentence(was[0] or is_[0], was[1], is_[1]))
        for path in paths
        for was, is_ in [(before.get(path, (NOTHING, NOTHING)), after.get(path, (NOTHING, NOTHING)))]
        if was[1] != is_[1]
    ]


def _sentence(name: str, before: str, after: str) -> str:
    if not before:
        return f"New: {name} {after}."
    if not after:
        return f"No longer: {name} {before}."
    if "\n" in before + after:
        return f"{name} differs."
    return f"{name}: {before} → {after}."


def _facts(change: Change) -> Iterator[tuple[str, tuple[str, str]]]:
    """Path to what it is called and what it says."""
    yield "intent", ("What is signed", change.intent)
    for step in change.steps:
        yield from _of_step(step)
    for condition in change.preconditions:
        path = f"preconditions/{condition.probe}/{condition.target}"
        yield path, (f"{condition.sentence} Expected", condition.expect)
    wanted = change.verification
    yield "verification", ("How one knows that it helped", wanted.sentence)
    yield "verification/threshold", ("Measured against", f"{wanted.compare} {wanted.threshold}")
    yield "verification/times", ("Watched for", f"{wanted.hold_s} s within {wanted.timeout_s} s")
    yield from _named("touches", "What it touches:", change.touches)
    for index, sentence in enumerate(sorted(change.unaffected)):
        yield f"unaffected/{index}", ("Not touched:", sentence)
    yield from _named("diffs", "The diff of", change.diffs)
    yield "blast_radius", ("Who may feel it", change.blast_sentence)
    yield "risk", ("Risk", f"{change.tier} {change.score}")
    yield "people", ("People who must sign", str(change.policy_people))
    yield "window", ("When it may run", _window(change))
    yield "proposer", ("Who wrote it", change.proposer_id)
    yield "confidence", ("Confidence", change.confidence)


def _of_step(step: Step) -> Iterator[tuple[str, tuple[str, str]]]:
    at, called = f"steps/{step.index}", f"Step {step.index + 1}"
    yield at, (called, f"{step.action} on {step.target}")
    yield f"{at}/title", (f"{called} is called", step.title)
    yield f"{at}/command", (f"{called} runs", step.command)
    yield f"{at}/timeout", (f"{called} may take", f"{step.timeout_s} s")
    for param in step.params:
        yield f"{at}/params/{param.name}", (f"{called}, {param.name}", param.value)
    yield f"{at}/undo", (f"{called} is undone by", step.undo.command if step.undo else "nothing")
    for param in step.undo.params if step.undo else ():
        yield f"{at}/undo/{param.name}", (f"The undo of step {step.index + 1}, {param.name}", param.value)


def _named(path: str, called: str, items: tuple[Named, ...]) -> Iterator[tuple[str, tuple[str, str]]]:
    values: Mapping[str, str] = {item.name: item.value for item in items}
    for name, value in values.items():
        yield f"{path}/{name}", (f"{called} {name}", value)


def _window(change: Change) -> str:
    """Only a window that was asked for: the usual one moves with the time of asking."""
    if change.not_before == change.created_at:
        return "as soon as it is signed"
    return f"from {change.not_before} to {change.execute_by}"
