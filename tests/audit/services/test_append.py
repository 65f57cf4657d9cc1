"""An entry is written with its deed or not at all, and says only what may last for ever."""

import hashlib

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit import ledger
from audit.models import Entry, Mention, Pending
from core.actors import Actor
from proof import canonical

pytestmark = pytest.mark.django_db

ADA = Actor(id="person:ada0000000000000", roles=frozenset({"operator"}))


def note(**changes):
    given = {"actor": ADA, "verb": "incident.acknowledged", "subject": "incident:42", **changes}
    return ledger.append(**given)


@transaction.atomic
def fail_after_a_note():
    note()
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused():
    with pytest.raises(TransactionManagementError, match=r"transaction\.atomic"):
        note()

    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_dies_with_its_deed():
    with pytest.raises(ZeroDivisionError):
        fail_after_a_note()

    assert not Entry.objects.exists()
    assert not Pending.objects.exists()


def test_the_body_is_canonical_and_holds_ids_and_a_commitment_only():
    entry = note(facts={"note": "Ada was here"}, about=["request:7"])
    body = canonical.loads(bytes(entry.body))

    assert sorted(body) == [
        "_type", "about", "actor", "at", "documents", "facts_commitment", "installation", "subject", "uid", "verb",
    ]  # fmt: skip
    assert body["about"] == ["incident:42", "request:7"]
    assert body["facts_commitment"] == hashlib.sha256(bytes(entry.facts_salt) + bytes(entry.facts)).hexdigest()
    assert b"Ada was here" not in bytes(entry.body)


def test_the_same_facts_do_not_show_that_they_are_the_same():
    first, second = (canonical.loads(bytes(note(facts={"age": 1}).body)) for _ in range(2))

    assert first["facts_commitment"] != second["facts_commitment"]


def test_it_waits_for_its_place_and_is_mentioned_with_each_subject():
    entry = note(about=["request:7", "request:7"])

    assert Pending.objects.filter(entry=entry).exists()
    assert sorted(Mention.objects.filter(entry=entry).values_list("subject", flat=True)) == ["incident:42", "request:7"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"verb": "acknowledged"},
        {"verb": "Incident.acknowledged"},
        {"verb": "incident.acknowledged\n"},
        {"actor": "Ada Lovelace"},
        {"actor": "person:ada@example.com"},
        {"subject": "incident 42"},
        {"about": ["no colon"]},
        {"documents": {"change": "abc"}},
        {"facts": {"confidence": 0.5}},
        {"facts": {"Key": 1}},
    ],
)
def test_what_has_no_lasting_form_is_refused(wrong):
    with pytest.raises(ValueError):
        note(**wrong)


def test_a_document_must_be_kept_before_it_is_named():
    with pytest.raises(ValueError, match=r"ledger\.keep"):
        note(documents={"change": "0" * 64})

    digest = ledger.keep("text/plain", b"change")
    assert canonical.loads(bytes(note(documents={"change": digest}).body))["documents"] == [
        {"name": "change", "sha256": digest}
    ]


def test_a_body_may_have_60000_bytes_and_not_one_more():
    subjects = [f"request:{number:0100d}" for number in range(500)]
    length = len(bytes(note(about=subjects).body))
    name = "x" * (60_000 - length - len('{"name":"","sha256":""}') - 64)
    digest = ledger.keep("text/plain", b"x")

    assert len(bytes(note(about=subjects, documents={name: digest}).body)) == 60_000
    with pytest.raises(canonical.CanonicalError):
        note(about=subjects, documents={f"{name}x": digest})


@pytest.mark.django_db(transaction=True)
def test_many_entries_of_one_transaction_ring_once(monkeypatch):
    rung = []
    monkeypatch.setattr("core.doorbell._send", lambda task, _, queue: rung.append((task, queue)))
    with transaction.atomic():
        note()
        with transaction.atomic():
            note()

    assert rung == [("audit.sequence", "interactive")]


@pytest.mark.django_db(transaction=True)
def test_the_ring_survives_a_savepoint_that_does_not(monkeypatch):
    rung = []
    monkeypatch.setattr("core.doorbell._send", lambda task, *_: rung.append(task))
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            fail_after_a_note()
        note()

    assert rung == ["audit.sequence"]
