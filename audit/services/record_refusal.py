"""Record that somebody was refused, as long as that is not itself a way to fill the ledger."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from audit import quotas
from audit.quotas import Allowance
from audit.services.append import append
from core.actors import Actor


@transaction.atomic
def record_refusal(
    verb: str,
    *,
    actor: Actor,
    subject: str,
    facts: Mapping[str, Any],
    allowance: Allowance = quotas.REFUSED_DECISIONS,
    about: Iterable[str] = (),
) -> bool:
    """Write an entry about a refusal, or count it for the next roll-up if the actor has had enough of them.

    Call it after the refused transaction has ended, or it goes with it.

    Returns:
        Whether it got an entry of its own.
    """
    if not quotas.spend(verb, actor.id, allowance):
        return False
    append(actor=actor, verb=verb, subject=subject, facts=facts, about=about)
    return True
