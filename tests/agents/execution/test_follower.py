"""The executor follows the log by itself: what is hidden, altered or put back to yesterday stops it."""

import pytest
from django.db import transaction

from agents.execution import high_water, index, standing_orders
from agents.execution.follower import LogError, follow
from approvals.models import Decision
from audit import keystore, ledger
from audit.models import Checkpoint, Document, Entry, Leaf
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from tests.agents.execution.refusal import assert_refused
from tests.agents.test_loop import sign


def tell(verb="incident.noted"):
    with transaction.atomic():
        entry = ledger.append(actor=SYSTEM, verb=verb, subject="incident:1")
    sequence_all()
    return entry


def test_it_reads_all_there_is_and_ends_at_the_signed_head(granted):
    sequence_all()

    size = follow()

    mark = high_water.high_water()
    head = Checkpoint.objects.latest("size")
    assert (mark.size, mark.root, mark.origin) == (head.size, head.root, keystore.origin())
    assert size == Leaf.objects.count()


def test_a_denial_that_somebody_hides_stops_everything(granted, world, work, cast, owner):
    """Cleo says no after the grant; the owner of the database takes her entry and her decision out of the rows."""
    sign(granted.request_id, cast.cleo, "reject", "wrong service")
    sequence_all()
    leaf = Leaf.objects.filter(entry__verb="decision.recorded").latest("seq")
    Decision.objects.filter(person_id=cast.cleo.person.pk).delete()
    leaf.delete()

    assert_refused(world, work(), "is hidden from the executor")


def test_a_denial_that_somebody_replaces_by_something_harmless_stops_everything(granted, world, work, cast, owner):
    sign(granted.request_id, cast.cleo, "reject", "wrong service")
    sequence_all()
    seq = Leaf.objects.filter(entry__verb="decision.recorded").latest("seq")
    harmless = bytes(seq.entry.body).replace(b"decision.recorded", b"decision.mislayed")
    Entry.objects.filter(pk=seq.entry_id).update(body=harmless)

    assert_refused(world, work(), "do not have the root that was signed")


def test_a_denial_counts_though_its_rows_are_gone(granted, world, work, cast, owner):
    sign(granted.request_id, cast.cleo, "reject", "wrong service")
    sequence_all()
    Decision.objects.filter(person_id=cast.cleo.person.pk).delete()

    assert_refused(world, work(), "REJECTED")


def test_a_denial_whose_bytes_nobody_shows_stops_it(granted, world, work, cast, owner):
    sign(granted.request_id, cast.cleo, "reject", "wrong service")
    sequence_all()
    Document.objects.filter(pk=Decision.objects.get(person_id=cast.cleo.person.pk).sidecar_sha256).delete()

    assert_refused(world, work(), "names a sidecar that nobody shows")


def test_bytes_that_were_withheld_for_a_while_are_asked_for_again(granted, work, owner):
    decision = Decision.objects.get()
    kept = Document.objects.get(pk=decision.sidecar_sha256)
    Document.objects.filter(pk=kept.pk).delete()
    sequence_all()
    follow()
    Document.objects.create(
        sha256=kept.pk, media_type=kept.media_type, content=kept.content, created_at=kept.created_at
    )

    assert work().state == "COMPLETED"


def test_a_database_put_back_to_yesterday_stops_it_until_a_person_accepts_that(granted, world, owner):
    yesterday = Checkpoint.objects.latest("size").size if Checkpoint.objects.exists() else 0
    tell()
    follow()
    size = high_water.high_water().size
    Leaf.objects.filter(seq__gte=size - 1).delete()
    Checkpoint.objects.filter(size__gte=size).delete()
    assert yesterday < size

    with pytest.raises(LogError, match="went back in time"):
        follow()
    assert "Add --yes" in standing_orders.recover(really=False, clock_too=False)
    with pytest.raises(LogError, match="went back in time"):
        follow()
    standing_orders.recover(really=True, clock_too=False)
    assert follow() < size


def test_another_history_of_the_same_length_is_not_followed(granted, owner):
    """Entry and leaf are changed together, and the log's own key signs the new root: a fork."""
    entry = tell()
    follow()
    index.forget()
    Entry.objects.filter(pk=entry.pk).update(body=bytes(entry.body).replace(b"incident.noted", b"incident.voted"))

    with pytest.raises(LogError, match="are not those that the executor saw before"):
        follow()


def test_a_head_that_the_log_did_not_sign_is_not_followed(granted, owner):
    tell()
    head = Checkpoint.objects.latest("size")
    Checkpoint.objects.filter(pk=head.pk).update(note=head.note.replace(keystore.origin(), "countersign/other"))

    with pytest.raises(LogError, match="not signed by the log"):
        follow()


def test_the_log_of_another_installation_is_not_followed(granted, monkeypatch):
    tell()
    follow()
    monkeypatch.setattr(high_water, "high_water", lambda: high_water.HighWater(origin="countersign/other"))
    index.forget()

    with pytest.raises(LogError, match="the executor follows countersign/other"):
        follow()


def test_an_index_that_was_lost_is_made_again_from_the_log(granted, work):
    sequence_all()
    follow()
    index.forget()

    assert work().state == "COMPLETED"


@pytest.mark.parametrize("content", ["{", '{"origin": "x", "size": 5, "root": "00", "hashes": []}', "[]"])
def test_an_unreadable_mark_trusts_nothing(granted, world, work, settings, content):
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    (settings.STATE_DIR / "log.json").write_text(content, encoding="utf-8")

    assert_refused(world, work(), "log.json cannot be read")


def test_entries_that_are_no_entries_have_their_place_and_teach_nothing(granted, owner, work):
    entry = tell()
    Entry.objects.filter(pk=entry.pk).update(facts=b"{}")

    assert work().state == "COMPLETED"
