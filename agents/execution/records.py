"""What the executor signs, kept and ready to be named by an entry: intents and results."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from agents.models import Run, RunState, StepRun
from audit import keystore, ledger
from core import clock
from proof import canonical
from proof.documents.run import INTENT, INTENT_PAYLOAD, RESULT, RESULT_PAYLOAD
from proof.executor import sign_as_executor

MEDIA_TYPE = "application/json"


def sign_intent(run: str, *, change: str, nonce: str, size: int, root: str) -> str:
    """Keep a signed intent; returns its digest."""
    return _kept(
        INTENT_PAYLOAD,
        {
            "_type": INTENT,
            "change": change,
            "nonce": nonce,
            "run": run,
            "size": size,
            "root": root,
            "audience": settings.AUDIENCE,
            "at": clock.rfc3339(clock.now()),
        },
    )


def sign_result(run: Run, outcome: str, *, intent: str, watching_since: datetime | None = None) -> str:
    """Keep a signed result of a run; returns its digest."""
    steps = run.steps.exclude(state=RunState.RUNNING).order_by("pk") if run.pk else ()
    return _kept(
        RESULT_PAYLOAD,
        {
            "_type": RESULT,
            "change": run.change_digest,
            "run": f"run:{run.pk}" if run.pk else "",
            "intent": intent,
            "outcome": outcome,
            "steps": _steps(steps),
            "watching_since": clock.rfc3339(watching_since) if watching_since else "",
            "audience": settings.AUDIENCE,
            "at": clock.rfc3339(clock.now()),
        },
    )


def _steps(rows: Iterable[StepRun]) -> list[dict[str, Any]]:
    return [
        {
            "index": row.index,
            "direction": row.direction,
            "key": row.key,
            "found": row.found,
            "output_sha256": canonical.sha256(canonical.dumps(row.result)),
            "ended_at": clock.rfc3339(row.ended_at) if row.ended_at else clock.rfc3339(clock.now()),
        }
        for row in rows
    ]


def _kept(payload_type: str, document: dict[str, Any]) -> str:
    envelope = sign_as_executor(keystore.private("executor"), payload_type, canonical.dumps(document))
    return ledger.keep(MEDIA_TYPE, envelope)
