"""Tell in one entry what had no entry of its own: refusals beyond the allowance, failures of strangers."""

from django.db import transaction

from audit import quotas
from audit.models import Quota
from audit.services.append import append
from core import clock
from core.actors import SYSTEM

VERB = "refusals.counted"


def roll_up() -> int:
    """Write an entry a name whose window of a minute is over, and begin to count anew.

    Returns:
        How many entries were written.
    """
    quotas.strangers.flush()
    over = clock.now() - quotas.ROLL_UP
    names = list(Quota.objects.filter(held_back__gt=0, since__lte=over).values_list("pk", flat=True))
    return sum(_tell(name) for name in names)


@transaction.atomic
def _tell(name: str) -> bool:
    row = Quota.objects.select_for_update().filter(pk=name, held_back__gt=0).first()
    if row is None:
        return False
    verb, _, who = name.partition(" ")
    now = clock.now()
    facts = {"what": verb, "count": row.held_back, "since": clock.rfc3339(row.since), "until": clock.rfc3339(now)}
    append(actor=SYSTEM, verb=VERB, subject=who, facts=facts)
    row.held_back = 0
    row.save(update_fields=["held_back"])
    return True
