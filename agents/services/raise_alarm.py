"""Say in the record that something is wrong which nobody asked about; people see it, `/metrics` counts it."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from audit import ledger
from audit.models import Entry
from core import clock, live
from core.actors import EXECUTOR

log = logging.getLogger(__name__)

VERB = "alarm.raised"
AGAIN_AFTER = timedelta(hours=1)


@transaction.atomic
def raise_alarm(kind: str, sentence: str, *, about: Iterable[str] = ()) -> bool:
    """Raise an alarm of a kind, unless the same was raised within the hour; whether it was raised."""
    log.critical("alarm", extra={"kind": kind, "sentence": sentence})
    subject, subjects = f"alarm:{kind}", list(about)
    known = Entry.objects.filter(verb=VERB, subject=subject, at__gt=clock.now() - AGAIN_AFTER)
    if kind == "orphan":
        known = known.filter(mentions__subject__in=subjects)
    if known.exists():
        return False
    ledger.append(actor=EXECUTOR, verb=VERB, subject=subject, about=subjects, facts={"sentence": sentence})
    live.changed("queue")
    return True
