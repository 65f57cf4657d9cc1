"""A refused decision leaves a record, and refused decisions do not fill the ledger."""

import pytest

from approvals.api.requests import refusals_recorded
from audit.models import Entry
from core.actors import Actor
from core.errors import RefusedError

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refused_decision_is_recorded_and_a_flood_of_them_is_not():
    detail = "The signature does not hold."
    for _ in range(30):
        with pytest.raises(RefusedError), refusals_recorded(7, Actor(id="person:mallory")):
            raise RefusedError(detail)

    entries = Entry.objects.filter(verb="decision.refused", actor="person:mallory", subject="request:7")
    assert entries.count() == 20
    assert set(entries.first().mentions.values_list("subject", flat=True)) == {"request:7", "person:mallory"}
