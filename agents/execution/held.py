"""The dossier of a change, from the executor's own index of the log: digests from there, bytes by digest, no rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.execution import clocks, learning, trust
from agents.execution.index import Index, Signed
from audit.errors import TamperedError
from audit.services.fetch import fetch
from core import clock
from core.errors import NotFoundError, RefusedError
from proof.documents import Change, DocumentError, Policy, parse_change, parse_statement
from proof.envelope import SignatureError
from proof.records import Record
from proof.registry import Registry
from proof.signatures import read_sidecar

FROZEN = "change.frozen"
EVERYTHING = 2**62
UNDER = "under:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A change with all that the log says for or against it below a place.

    Attributes:
        records: signed statements about it, about other changes for its incident and about the standing approval that
            it rests on, and acts; with their places, oldest first.
        overrides: those of other changes too, to see whether they were reviewed.
        late: sentences about approvals that came into the log after the time to collect them.
    """

    change_bytes: bytes
    change: Change
    records: tuple[Record, ...]
    overrides: tuple[Record, ...]
    registry: Registry
    policy_bytes: bytes
    policy: Policy
    late: tuple[str, ...]


def dossier(index: Index, digest: str, *, below: int = EVERYTHING) -> Dossier:
    """Gather the dossier of a change from the entries below a place of the log.

    Raises:
        RefusedError: Something that the log names is withheld, or does not stand on the pinned root.
    """
    _require_complete(index, digest, below)
    registries, policies = _registries(index, below), index.versions("policy", below=below)
    if not registries or not policies:
        detail = "The log holds no registry and policy yet that stand on the root which the executor pinned."
        raise RefusedError(detail)
    content, change = _change(index, digest, below)
    try:
        then = _registries(index, policies[-1].seq)
        policy = trust.policy(then, policies[-1].content, policies[-1].signature)
    except trust.UntrustedError as error:
        detail = f"The policy is not signed by the registry's root: {error}"
        raise RefusedError(detail) from error
    statements, late = _in_time(index, change, index.statements(digest, below=below))
    others = [one for other in _others(index, change, digest, below) for one in index.statements(other, below=below)]
    standing = [one for found in _rests_on(statements) for one in index.statements(found, below=below)]
    signed = [*statements, *others, *standing, *index.acts(below=below)]
    return Dossier(
        change_bytes=content,
        change=change,
        records=_in_order(signed),
        overrides=_in_order(index.of_kind("override", below=below)),
        registry=registries[-1],
        policy_bytes=policies[-1].content,
        policy=policy,
        late=late,
    )


def _require_complete(index: Index, digest: str, below: int) -> None:
    about = f"change:{digest}"
    for _, seq, name in index.missing():
        entry = index.at(seq)
        if seq >= below or entry is None or (name == learning.SIDECAR and not _concerns(entry.about, about)):
            continue
        detail = f"Record {seq} of the log ({entry.verb}) names a {name} that nobody shows the executor."
        raise RefusedError(detail)


def _concerns(about: Sequence[str], change: str) -> bool:
    """Whether an entry may be about a change: it names it, or names no change at all."""
    return change in about or not any(subject.startswith("change:") for subject in about)


def _change(index: Index, digest: str, below: int) -> tuple[bytes, Change]:
    if not index.entries({FROZEN}, about=f"change:{digest}", below=below):
        detail = "The log does not hold this change."
        raise RefusedError(detail)
    try:
        content = fetch(digest)
        return content, parse_change(content)
    except (TamperedError, NotFoundError, DocumentError) as error:
        detail = f"The change cannot be read as it was signed: {error}"
        raise RefusedError(detail) from error


def _registries(index: Index, below: int) -> tuple[Registry, ...]:
    try:
        return trust.registries_at(index, below=below)
    except trust.UntrustedError as error:
        detail = f"The key registry does not hold: {error}"
        raise RefusedError(detail) from error


def _in_time(index: Index, change: Change, statements: Sequence[Signed]) -> tuple[list[Signed], tuple[str, ...]]:
    """All statements but approvals that were not in the log when the time to collect them ended (H19)."""
    kept, late = [], []
    for one in statements:
        entry = index.at(one.seq)
        moment = clocks.covered_at(index, one.seq, entry.at) if entry is not None else clock.now()
        if clock.rfc3339(moment) > change.expires_at and _approves(one.content):
            late.append(f"An approval came into the log at {clock.rfc3339(moment)}, after {change.expires_at}.")
        else:
            kept.append(one)
    return kept, tuple(late)


def _others(index: Index, change: Change, digest: str, below: int) -> list[str]:
    """Other changes for the same incident; one that was denied is not asked again under another digest."""
    frozen = index.entries({FROZEN}, about=change.incident, below=below)
    return sorted({dict(entry.documents).get("change", "") for entry in frozen} - {digest, ""})


def _rests_on(statements: Sequence[Signed]) -> list[str]:
    kinds = {one.kind for one in statements if one.kind.startswith(UNDER)}
    return sorted(kind.removeprefix(UNDER) for kind in kinds)


def _in_order(signed: Sequence[Signed]) -> tuple[Record, ...]:
    return tuple(Record(one.seq, one.content) for one in sorted(signed, key=lambda one: one.seq))


def _approves(sidecar: bytes) -> bool:
    try:
        return parse_statement(read_sidecar(sidecar).payload).decision == "approve"
    except (SignatureError, DocumentError):
        return False
