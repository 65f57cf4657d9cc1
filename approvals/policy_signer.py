"""The hand that signs automatic decisions: it takes a change's bytes and what was looked at, and decides again itself.

It never signs a digest or a ruling that somebody else made. In production it is a process of its own that alone can
read the key; embedded, the same function is called in place.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from approvals import bundles, registry, standings, statements
from approvals.bundles import ActivePolicy
from approvals.models import StandingApproval
from approvals.policy import Route, Ruling
from approvals.policy.replay import outcome, replay
from approvals.rulings import of_the_change
from approvals.statements import Occasion
from audit import keystore
from core import clock
from core.errors import RefusedError
from proof import canonical
from proof.documents import Change, DocumentError, parse_change, rank
from proof.keys import spki_id
from proof.limits import protected, requirement
from proof.signatures import sign_envelope

HOUR: Final = timedelta(hours=1)
SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS signed (at TEXT NOT NULL, change TEXT NOT NULL, targets TEXT NOT NULL) STRICT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the signer is asked about.

    Attributes:
        content: the change's bytes.
        ruling: what was looked at and what came out, as stored with the request; it is made again.
        request, nonce, expires_at: what the statement says besides.
        standing: digest of the standing approval that it rests on; empty for none.
    """

    content: bytes
    ruling: Mapping[str, Any]
    request: int
    nonce: str
    expires_at: datetime
    standing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A signed automatic decision: its statement, the statement in its envelope, and what was looked at."""

    statement: bytes
    sidecar: bytes
    snapshot: bytes
    key_id: str


def sign(ask: Ask) -> Made:
    """Decide alone, if safeguards, limits and rules really allow it, and sign that.

    Raises:
        RefusedError: They do not; the sentence says which.
    """
    change = _parsed(ask.content)
    policy = bundles.in_force()
    ruling = _ruled_again(ask, change, policy)
    _require_scope(change, policy)
    _require_safe(change, policy)
    snapshot = canonical.dumps(dict(ask.ruling["snapshot"]))
    private, now = keystore.private("policy"), clock.now()
    key_id = spki_id(private.public_key())
    occasion = Occasion(
        content=ask.content,
        change=change,
        request=ask.request,
        nonce=ask.nonce,
        registry_version=registry.current().version,
        issued_at=now,
        expires_at=min(ask.expires_at, clock.from_rfc3339(change.expires_at)),
    )
    statement = statements.for_the_policy(
        occasion,
        route=str(ruling.route),
        key_id=key_id,
        snapshot_sha256=canonical.sha256(snapshot),
        standing=ask.standing,
    )
    _count(change, canonical.sha256(ask.content), policy)
    return Made(statement=statement, sidecar=sign_envelope(private, statement), snapshot=snapshot, key_id=key_id)


def _parsed(content: bytes) -> Change:
    try:
        return parse_change(content)
    except DocumentError as error:
        detail = f"Policy signs changes, and this is none: {error}"
        raise RefusedError(detail) from error


def _ruled_again(ask: Ask, change: Change, policy: ActivePolicy) -> Ruling:
    """Rule on what the change's own bytes say; what the snapshot says otherwise about them is a lie."""
    if change.policy_sha256 != policy.sha256:
        detail = "The change was made under another policy than the one in force."
        raise RefusedError(detail)
    floor = requirement(change, policy.policy)
    snapshot = ask.ruling["snapshot"]
    for name, value in {**of_the_change(change, floor), "score": change.score, "tier": change.tier}.items():
        if snapshot.get(name) != value:
            detail = f"The facts do not fit the change: {name} is {value!r}, not {snapshot.get(name)!r}."
            raise RefusedError(detail)
    ruling = replay({**ask.ruling, "rules": policy.policy.rules})
    if ask.standing and ruling == outcome(ask.ruling):
        _require_under(ask.standing, change)
        return replace(ruling, route=Route.NOTIFY)
    if ruling.route.asks_people or not floor.may_auto or ruling != outcome(ask.ruling):
        detail = f"Policy may not decide this alone: {ruling.sentence} {floor.sentence}"
        raise RefusedError(detail)
    return ruling


def _require_under(digest: str, change: Change) -> None:
    """What people signed beforehand covers this change, now, and is not used up."""
    row = StandingApproval.objects.filter(digest=digest).first()
    if row is None:
        detail = "There is no such standing approval here."
        raise RefusedError(detail)
    for reason in standings.reasons_against(row, change):
        raise RefusedError(reason)


def _require_scope(change: Change, policy: ActivePolicy) -> None:
    """What the signed registry binds the key to."""
    service = registry.current().service("policy")
    if service is None or service.audience != change.audience:
        detail = f"The registry does not let the policy service speak to {change.audience}."
        raise RefusedError(detail)
    if not service.max_tier or rank(change.tier) > rank(service.max_tier):
        detail = f"The registry does not let the policy service decide {change.tier} changes."
        raise RefusedError(detail)
    for target in protected(change, policy.policy):
        detail = f"{target} is protected: nothing may act on it."
        raise RefusedError(detail)


def _require_safe(change: Change, policy: ActivePolicy) -> None:
    """Ask the safeguards, which a higher package knows; settings name them."""
    sentences: Sequence[str] = import_string(settings.CHANGE_GUARD)(change, policy.policy)
    if sentences:
        detail = f"The safeguards refuse: {' '.join(sentences)}"
        raise RefusedError(detail)


def _count(change: Change, digest: str, policy: ActivePolicy) -> None:
    """Keep to the hourly allowance by what was signed here, whatever rows say; the same change counts once."""
    now, targets = clock.now(), {step.target for step in change.steps}
    with _store() as store:
        store.execute("BEGIN IMMEDIATE")
        store.execute("DELETE FROM signed WHERE at <= ? OR change = ?", (clock.rfc3339(now - HOUR), digest))
        recent = [set(json.loads(row[0])) for row in store.execute("SELECT targets FROM signed").fetchall()]
        same = sum(not found.isdisjoint(targets) for found in recent)
        rules = policy.policy
        if len(recent) >= rules.auto_per_hour or same >= rules.auto_per_target_per_hour:
            store.execute("ROLLBACK")
            detail = f"Policy alone signed {len(recent)} changes within the hour, {same} of them on this target."
            raise RefusedError(detail)
        store.execute("INSERT INTO signed VALUES (?, ?, ?)", (clock.rfc3339(now), digest, json.dumps(sorted(targets))))
        store.execute("COMMIT")


@contextmanager
def _store() -> Iterator[sqlite3.Connection]:
    path = keystore.folder_of("policy") / "policy.signed.sqlite3"
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as store:
        store.execute(SCHEMA)
        yield store
