"""Many rows in one statement are the rows that `save` would have written, and that Django would have read."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from core import bulk, clock
from incidents.models import Alert

pytestmark = pytest.mark.django_db


def alert(pk, **more):
    now = clock.now()
    told = {"title": "Ünïcode \N{SNOWMAN} {,\"'\\}", "labels": {"a": "b", "c": 'd"\\'}, "links": [], "metric": None}
    told |= {"source": "s", "fingerprint": f"v1:{pk}", "status": "firing", "severity": "info", "delivery_id": "d"}
    return Alert(pk=pk, last_event_at=now, first_seen_at=now, last_seen_at=now, **told | more)


def test_rows_are_read_as_they_were_written():
    ids = bulk.take_ids(Alert, 3)
    rows = [alert(ids[0]), alert(ids[1], metric={"value": 1.5}, starts_at=clock.now()), alert(ids[2], is_flapping=True)]
    bulk.insert(Alert, rows)

    found = Alert.objects.in_bulk(ids)
    names = [field.attname for field in Alert._meta.concrete_fields]
    assert [[getattr(found[row.pk], name) for name in names] for row in rows] == [
        [getattr(row, name) for name in names] for row in rows
    ]


def test_rows_are_found_by_a_text_as_django_reads_them(django_assert_num_queries):
    rows = [
        alert(pk, starts_at=clock.now(), metric={"value": 1.5} if pk % 2 else None) for pk in bulk.take_ids(Alert, 3)
    ]
    bulk.insert(Alert, rows)
    wanted = [rows[0].fingerprint, rows[1].fingerprint, "v1:nobody's"]

    found = sorted(bulk.find(Alert, "fingerprint", wanted), key=lambda row: row.pk)

    names = [field.attname for field in Alert._meta.concrete_fields]
    ours = [[getattr(row, name) for name in names] for row in found]
    assert ours == [
        [getattr(row, name) for name in names] for row in Alert.objects.filter(pk__in=[rows[0].pk, rows[1].pk])
    ]
    assert [row._state.adding for row in found] == [False, False]
    with django_assert_num_queries(0):
        assert found[0].title


def test_ids_are_given_once_and_others_go_on_after_them():
    ids = bulk.take_ids(Alert, 2)
    bulk.insert(Alert, [alert(pk) for pk in ids])
    later = alert(None)
    later.save()

    assert later.pk > max(ids)
    assert min(bulk.take_ids(Alert, 2)) > later.pk


def test_only_the_named_fields_are_written():
    rows = [alert(pk) for pk in bulk.take_ids(Alert, 2)]
    bulk.insert(Alert, rows)
    for row in rows:
        row.count, row.title, row.labels = 7, "changed", {"x": "y"}
    bulk.update(Alert, rows, ["count", "labels"])

    found = Alert.objects.get(pk=rows[1].pk)
    assert (found.count, found.labels) == (7, {"x": "y"})
    assert found.title != "changed"


def test_what_breaks_a_constraint_is_refused_whole():
    ids = bulk.take_ids(Alert, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Alert, [alert(ids[0]), alert(ids[1], fingerprint=f"v1:{ids[0]}")])

    assert not Alert.objects.exists()


def test_a_text_that_is_too_long_is_refused_and_not_cut(settings):
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("SQLite has no lengths")
    with pytest.raises(DatabaseError), transaction.atomic():
        bulk.insert(Alert, [alert(bulk.take_ids(Alert, 1)[0], title="x" * 301)])


def test_no_rows_are_no_statement():
    bulk.insert(Alert, [])
    bulk.update(Alert, [], ["count"])
