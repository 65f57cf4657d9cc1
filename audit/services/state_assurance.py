"""Say in the ledger what this installation can promise, at its start and whenever that changes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit import ledger
from audit.selectors import assurance
from core.actors import Actor


@transaction.atomic
def state_assurance(facts: Mapping[str, Any], *, actor: Actor) -> bool:
    """Record how the installation is run, unless that is what the ledger says already.

    Args:
        facts: `executor` (`in-process` or `separate`), `signers`, `witnesses` (a number), `registry` (`first-use` or
            `threshold`), `people` (`demo` or `vouched`), `clock`; every export carries them.
        actor: the service that starts.

    Returns:
        Whether anything was recorded.
    """
    if assurance() == dict(facts):
        return False
    ledger.append(actor=actor, verb="assurance.stated", subject="assurance:1", facts=facts)
    return True
