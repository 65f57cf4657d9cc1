"""Many entries at once are what they would have been one by one."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit import ledger, signer
from audit.errors import RollbackError
from audit.ledger import Deed
from audit.models import Entry, Pending
from audit.services.fsck import fsck
from audit.services.sequence import sequence
from core.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def deeds(number=3):
    verbs = ("test.noted", "run.intended")
    return [
        Deed(verb=verbs[n % 2], subject=f"test:{n}", facts={"n": n, "text": 'é{}\\"'}, about=("incident:7",))
        for n in range(number)
    ]


def test_they_stand_in_order_with_their_facts_and_what_they_are_about(assert_whole):
    with transaction.atomic():
        ledger.append_all(deeds(), actor=SYSTEM)

    assert [entry.subject for entry in Entry.objects.order_by("id")] == ["test:0", "test:1", "test:2"]
    assert list(Pending.objects.order_by("entry_id").values_list("priority", flat=True)) == [1, 0, 1]
    sequence()
    assert_whole(3)
    assert fsck().intact
    assert {line.subject: line.facts["n"] for line in ledger.timeline("incident:7")} == {
        f"test:{n}": n for n in range(3)
    }


def test_the_sequencer_is_woken_once(monkeypatch):
    rung = []
    monkeypatch.setattr("core.doorbell._send", lambda task, *_: rung.append(task))
    with transaction.atomic():
        ledger.append_all(deeds(), actor=SYSTEM)
        ledger.append(actor=SYSTEM, verb="test.noted", subject="test:9")

    assert rung == ["audit.sequence"]


def test_nothing_is_written_outside_a_transaction_or_when_one_is_refused_or_after_a_rollback():
    with pytest.raises(TransactionManagementError):
        ledger.append_all(deeds(), actor=SYSTEM)
    with pytest.raises(ValueError, match="does not take"), transaction.atomic():
        ledger.append_all([*deeds(), Deed(verb="Not a verb", subject="test:1", facts={})], actor=SYSTEM)
    signer.stop("Gone back.")
    with pytest.raises(RollbackError), transaction.atomic():
        ledger.append_all(deeds(), actor=SYSTEM)
    ledger.append_all([], actor=SYSTEM)

    assert not Entry.objects.exists()
