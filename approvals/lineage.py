"""Where a change comes from: earlier versions, who had a hand in them, who said no. Read from the ledger's bytes."""

from collections.abc import Iterable
from typing import Any

from approvals.drafts import ChangeDraft
from approvals.freezing import Lineage, new_id
from audit import ledger
from audit.models import Entry
from core.errors import BadInputError, RefusedError
from proof.documents import Change, DocumentError, Step, parse_change, parse_entry, parse_statement
from proof.signatures import SignatureError, read_sidecar

Essence = tuple[str, str, frozenset[tuple[str, str]]]


def lineage_of(draft: ChangeDraft) -> Lineage:
    """The lineage of a draft: its own, or that of the change that it revises.

    Every statement that said no to an earlier version, or to the same steps for the same incident, is carried along,
    so that a plan which was denied cannot be asked again as if nothing had been said.

    Raises:
        BadInputError: It revises a change that is not kept here, or one for another incident.
    """
    interested = set(draft.interested_persons)
    if draft.proposer.get("kind") == "person":
        interested.add(str(draft.proposer.get("id")))
    earlier = earlier_for(draft.incident)
    wanted = [
        (str(step.get("action")), str(step.get("target")), _params(step.get("params", ()))) for step in draft.steps
    ]
    if not draft.revises:
        twins = [digest for digest, change in earlier.items() if _essence(change) == wanted]
        return _lineage(new_id(), 1, interested, twins)
    if draft.revises not in earlier:
        detail = f"There is no change {draft.revises[:12]} for {draft.incident} that could be revised."
        raise BadInputError(detail)
    uid = earlier[draft.revises].id
    versions = [change for change in earlier.values() if change.id == uid]
    for change in versions:
        interested |= set(change.interested_persons)
    twins = [digest for digest, change in earlier.items() if change.id == uid or _essence(change) == wanted]
    return _lineage(uid, max(change.version for change in versions) + 1, interested, twins)


def require_not_denied(change: Change) -> None:
    """Refuse a change that says again what was denied: equal in all that would be done, but for ids, nonces, times.

    Raises:
        RefusedError: It is.
    """
    rejected = _documents("request.rejected", change.incident, "change")
    for digest in rejected:
        if _deed(parse_change(ledger.fetch(digest))) == _deed(change):
            detail = (
                "Exactly this was rejected for the same incident already. Change the plan; the reason for the "
                "rejection says how."
            )
            raise RefusedError(detail, rejected=digest)


def earlier_for(incident: str) -> dict[str, Change]:
    """The changes that were ever frozen for an incident, by digest, oldest first; those that became no request too."""
    return {digest: parse_change(ledger.fetch(digest)) for digest in _documents("change.frozen", incident, "change")}


def acts_of(change: Change) -> tuple[tuple[Any, ...], ...]:
    """What would be done to what, and nothing else: equal for changes that ask for the same act."""
    return tuple(_step(step) for step in change.steps)


def _lineage(uid: str, version: int, interested: set[str], twins: list[str]) -> Lineage:
    return Lineage(
        uid=uid,
        version=version,
        interested_persons=tuple(sorted(interested)),
        prior_denials=tuple(dict.fromkeys(denial for digest in twins for denial in _denials(digest))),
    )


def _denials(digest: str) -> list[str]:
    entries = Entry.objects.filter(mentions__subject=f"change:{digest}", verb="decision.recorded").order_by("pk")
    bodies = [dict(parse_entry(bytes(body)).documents) for body in entries.values_list("body", flat=True)]
    return [found["statement"] for found in bodies if "sidecar" in found and _denies(ledger.fetch(found["sidecar"]))]


def _denies(sidecar: bytes) -> bool:
    try:
        return parse_statement(read_sidecar(sidecar).payload).decision == "reject"
    except (SignatureError, DocumentError):
        return False


def _documents(verb: str, incident: str, name: str) -> list[str]:
    """The documents of that name in the entries of a kind about an incident, each once, oldest first."""
    entries = Entry.objects.filter(mentions__subject=incident, verb=verb).order_by("pk")
    bodies = [dict(parse_entry(bytes(body)).documents) for body in entries.values_list("body", flat=True)]
    return list(dict.fromkeys(found[name] for found in bodies if name in found))


def _essence(change: Change) -> list[Essence]:
    return [(step.action, step.target, _pairs(step.params)) for step in change.steps]


def _deed(change: Change) -> Any:  # noqa: ANN401 -- compared, never looked into
    """All that would be done and how one would know that it helped."""
    steps = [(*_step(step), step.timeout_s, _pairs(step.undo.params) if step.undo else None) for step in change.steps]
    return (change.audience, change.incident, change.intent, steps, change.preconditions, change.verification)


def _step(step: Step) -> tuple[Any, ...]:
    return step.action, step.adapter, step.target, _pairs(step.params)


def _pairs(params: Iterable[Any]) -> frozenset[tuple[str, str]]:
    return frozenset((param.name, param.value) for param in params)


def _params(params: object) -> frozenset[tuple[str, str]]:
    if not isinstance(params, list | tuple):
        return frozenset()
    return frozenset((str(param["name"]), str(param["value"])) for param in params)
