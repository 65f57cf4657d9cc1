"""Who decided about a change that ran, in sentences: people, lenders of a right, standing approvals, overrides."""

from proof import canonical
from proof.documents import DocumentError, Statement, parse_standing
from proof.history import History
from proof.registry import Registry
from proof.signed import read_all
from proof.standing import evaluate_standing
from proof.times import parse
from proof.verdict import Verdict


def voices(history: History, registry: Registry, digest: str, seq: int, at: str, verdict: Verdict) -> tuple[str, ...]:
    """One sentence for each that counted; never "approved by" where nobody was asked."""
    said = [
        item.said
        for item in read_all([record for record in history.statements_about(digest) if record.index < seq])[0]
        if isinstance(item.said, Statement)
    ]
    found = [_voice(registry, said, person, key_id) for person, key_id, kind in verdict.counted if person]
    if verdict.override:
        found = [f"single-handed: {line}" for line in found]
    if verdict.standing:
        found.append(_under(history, registry, verdict.standing, seq, at))
    elif any(not person for person, _, _ in verdict.counted):
        found.append("decided by policy, within its limits; no person was asked")
    return tuple(found)


def _voice(registry: Registry, said: list[Statement], person: str, key_id: str) -> str:
    key = registry.key(key_id)
    kind = key.key_class if key else "unknown"
    demo = registry.person(person)
    mark = " (a demo person)" if demo and demo.demo else ""
    mine = [item for item in said if item.key_id == key_id]
    lent = f", by a right that was lent ({mine[-1].delegation[:12]})" if mine and mine[-1].delegation else ""
    return f"{mine[-1].decision if mine else 'decided'} by {person}{mark} with {kind} {key_id[:12]}{lent}"


def _under(history: History, registry: Registry, digest: str, seq: int, at: str) -> str:
    """`ran under SA-… of …`."""
    data = history.material.find(digest) or b""
    try:
        standing = parse_standing(data)
    except DocumentError:
        return f"ran under the standing approval {digest[:12]}"
    policy = history.material.policies.get(standing.policy_sha256, b"")
    records = [*history.acts(), *history.statements_about("")]
    verdict = evaluate_standing(
        data, records, registry, policy, now=parse(at), audience=standing.audience, size=seq
    )  # fmt: skip
    signers = sorted({person for person, _, _ in verdict.counted if person}) or ["nobody whose signature is here"]
    return f"ran under SA-{canonical.sha256(data)[:12]} of {', '.join(signers)}"
