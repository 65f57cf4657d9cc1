"""Runs that were intended and then refused: the log below the intent did not allow them, and nothing was done."""

from proof.documents import DocumentError
from proof.documents.run import REFUSED, RESULT_PAYLOAD, Result, parse_result
from proof.envelope import SignatureError
from proof.executor import verify_executor
from proof.history import Material

VERB, NAME = "executor.result", "result"


def refused_intents(material: Material) -> frozenset[str]:
    """Digests of the intents of which the executor signed that it refused them, and never anything else."""
    outcomes: dict[str, set[str]] = {}
    for _, entry in material.entries:
        if entry.verb != VERB:
            continue
        found = _signed(material, dict(entry.documents).get(NAME, ""))
        if found is not None and found.intent:
            outcomes.setdefault(found.intent, set()).add(REFUSED if _did_nothing(found) else "")
    return frozenset(intent for intent, said in outcomes.items() if said == {REFUSED})


def _did_nothing(result: Result) -> bool:
    return result.outcome == REFUSED and not result.steps


def _signed(material: Material, digest: str) -> Result | None:
    data = material.documents.get(digest)
    if data is None:
        return None
    for registry in reversed(material.registries):
        try:
            return parse_result(verify_executor(data, registry, RESULT_PAYLOAD))
        except (SignatureError, DocumentError):
            continue
    return None
