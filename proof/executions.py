"""What the executor signed: that it was about to act, and how that ended."""

from dataclasses import replace

from proof.documents import DocumentError, Entry
from proof.documents.run import INTENT_PAYLOAD, RESULT_PAYLOAD, Intent, Result, parse_intent, parse_result
from proof.envelope import SignatureError
from proof.executor import verify_executor
from proof.history import History
from proof.registry import Registry
from proof.report import Report

INTENDED, ENDED = "run.intended", "executor.result"
ENDINGS = {
    "done": "done",
    "refused": "the executor refused",
    "stopped": "stopped between steps",
    "taken-back": "taken back",
    "failed": "failed",
}


def check_executions(history: History, report: Report) -> None:
    """Check the executor's signatures, and put the last signed result beside each run."""
    intents: dict[str, int] = {}
    results: dict[str, Result] = {}
    for seq, entry in history.material.entries:
        if entry.verb not in {INTENDED, ENDED}:
            continue
        named = dict(entry.documents)
        registry = history.registry_at(seq, entry.at)
        try:
            if entry.verb == INTENDED and "intent" in named:
                _check_intent(history, registry, seq, entry)
                intents[named["intent"]] = seq
            elif entry.verb == ENDED:
                result = parse_result(_signed(history, registry, named.get("result", ""), RESULT_PAYLOAD))
                _check_result(result, intents, entry)
                results[result.change] = result
        except _MissingError as error:
            report.gaps.append(f"Entry {seq}: {error}")
        except (SignatureError, DocumentError) as error:
            report.findings.append(f"Entry {seq}, by the executor: {error}")
    report.changes = [
        replace(item, result=_sentence(results[item.digest])) if item.digest in results else item
        for item in report.changes
    ]


class _MissingError(ValueError):
    """What the executor signed is not in the bundle."""


def _signed(history: History, registry: Registry | None, digest: str, payload_type: str) -> bytes:
    envelope = history.material.documents.get(digest)
    if envelope is None or registry is None:
        msg = f"what the executor signed is not in the bundle: {digest[:12]}."
        raise _MissingError(msg)
    return verify_executor(envelope, registry, payload_type)


def _check_intent(history: History, registry: Registry | None, seq: int, entry: Entry) -> None:
    named = dict(entry.documents)
    intent: Intent = parse_intent(_signed(history, registry, named["intent"], INTENT_PAYLOAD))
    if intent.change != named.get("change", ""):
        msg = "The signed intent is for another change than the entry names."
        raise DocumentError(msg)
    if intent.size > seq:
        msg = "The signed intent knows more of the log than there was before it."
        raise DocumentError(msg)


def _check_result(result: Result, intents: dict[str, int], entry: Entry) -> None:
    if f"change:{result.change}" not in entry.about:
        msg = "The signed result is of another change than the entry is about."
        raise DocumentError(msg)
    if result.intent and intents and result.intent not in intents:
        msg = "The signed result belongs to an intent that the log does not hold before it."
        raise DocumentError(msg)


def _sentence(result: Result) -> str:
    steps = len(result.steps)
    return f"{ENDINGS[result.outcome]}, {steps} step{'' if steps == 1 else 's'}, signed by the executor at {result.at}"
