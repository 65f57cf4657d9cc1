"""What every move of a remediation has in common: facts, row, ledger, announcement, doorbell."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from agents.execution import bell
from agents.leases import give_back
from agents.models import Remediation
from agents.models.remediation import ACTING
from audit import ledger
from core import clock, doorbell, live
from core.actors import Actor

NOTE_LIMIT = 500
DOING_LIMIT = 200


def shortened(text: str, limit: int) -> str:
    """A sentence that fits its column; cut ones end in an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def record_move(  # noqa: PLR0913 -- the parts of a move
    remediation: Remediation,
    *,
    actor: Actor,
    verb: str,
    due_at: datetime | None,
    facts: Mapping[str, Any] | None = None,
    documents: Mapping[str, str] | None = None,
    about: Iterable[str] = (),
    doing: str = "",
) -> None:
    """Save a remediation whose FSM move was just made, write the entry, announce, and wake whoever goes on.

    The stage begins anew: no attempts yet, nobody holds it.
    """
    now = clock.now()
    remediation.stages = {**remediation.stages, str(remediation.state): clock.rfc3339(now)}
    remediation.attempts = 0
    remediation.due_at = due_at
    remediation.doing = shortened(doing, DOING_LIMIT)
    give_back(remediation)
    if not remediation.is_live:
        remediation.ended_at = now
    remediation.save()
    record(
        remediation,
        actor=actor,
        verb=verb,
        facts={"state": str(remediation.state), **(facts or {})},
        documents=documents,
        about=about,
    )
    if due_at is not None and due_at <= now:
        wake(remediation)


def record(
    remediation: Remediation,
    *,
    actor: Actor,
    verb: str,
    facts: Mapping[str, Any] | None = None,
    documents: Mapping[str, str] | None = None,
    about: Iterable[str] = (),
) -> None:
    """Write an entry about a remediation, on its incident's timeline, and announce it."""
    incident = f"incident:{remediation.incident_id}"
    ledger.append(
        actor=actor,
        verb=verb,
        subject=remediation.subject,
        facts=dict(facts or {}),
        about=[incident, *about],
        documents=dict(documents or {}),
    )
    announce(remediation)


def announce(remediation: Remediation) -> None:
    """Tell open pages after the commit."""
    live.changed("queue", f"incident:{remediation.incident_id}", remediation.subject)


def wake(remediation: Remediation) -> None:
    """Ring for the next stage after the commit: a worker's, or the executor's where it acts."""
    if remediation.state in ACTING:
        bell.ring()
    else:
        doorbell.ring("agents.advance", remediation.pk, queue="diagnosis")
