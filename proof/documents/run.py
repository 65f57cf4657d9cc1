"""What the executor signs: that it is about to carry a change out, and how that ended."""

from dataclasses import dataclass

from proof.documents.fields import DIGEST, HEX_128, TIME, Fields, document

INTENT = "urn:countersign:intent:v1"
RESULT = "urn:countersign:result:v1"
INTENT_PAYLOAD = "application/vnd.countersign.intent+json"
RESULT_PAYLOAD = "application/vnd.countersign.result+json"
DONE, REFUSED, STOPPED, TAKEN_BACK, FAILED = "done", "refused", "stopped", "taken-back", "failed"
OUTCOMES = frozenset({DONE, REFUSED, STOPPED, TAKEN_BACK, FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The executor is about to act; whether it may is judged by the log below the entry that names this.

    Attributes:
        change: digest of the change; `nonce` is the change's own.
        run: which run of it this is, such as `run:7`.
        size, root: the log as it was judged by before; `size` is the evaluated size.
    """

    change: str
    nonce: str
    run: str
    size: int
    root: str
    audience: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step ended.

    Attributes:
        direction: act or undo.
        found: whether the target carried the mark already, so that nothing was done again.
        output_sha256: digest of what the target answered, as canonical JSON.
    """

    index: int
    direction: str
    key: str
    found: bool
    output_sha256: str
    ended_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended, or that its steps are done and the symptom is being watched.

    Attributes:
        intent: digest of the signed intent; empty if it was refused before there was one.
        outcome: done, refused, stopped, taken-back, failed.
        watching_since: from when on one looks whether it helped; empty if nobody looks.
    """

    change: str
    run: str
    intent: str
    outcome: str
    steps: tuple[StepResult, ...]
    watching_since: str
    audience: str
    at: str


def parse_intent(data: bytes) -> Intent:
    """Read the bytes of an intent.

    Raises:
        DocumentError: They are none.
    """
    return document(data, INTENT, _intent)


def parse_result(data: bytes) -> Result:
    """Read the bytes of a result.

    Raises:
        DocumentError: They are none.
    """
    return document(data, RESULT, _result)


def _intent(f: Fields) -> Intent:
    return Intent(
        change=f.text("change", DIGEST),
        nonce=f.text("nonce", HEX_128),
        run=f.text("run"),
        size=f.integer("size"),
        root=f.text("root", DIGEST, empty=True),
        audience=f.text("audience"),
        at=f.text("at", TIME),
    )


def _result(f: Fields) -> Result:
    return Result(
        change=f.text("change", DIGEST),
        run=f.text("run"),
        intent=f.text("intent", DIGEST, empty=True),
        outcome=f.one_of("outcome", OUTCOMES),
        steps=f.objects("steps", _step),
        watching_since=f.text("watching_since", TIME, empty=True),
        audience=f.text("audience"),
        at=f.text("at", TIME),
    )


def _step(f: Fields) -> StepResult:
    return StepResult(
        index=f.integer("index"),
        direction=f.one_of("direction", {"act", "undo"}),
        key=f.text("key", HEX_128),
        found=f.boolean("found"),
        output_sha256=f.text("output_sha256", DIGEST),
        ended_at=f.text("ended_at", TIME),
    )
