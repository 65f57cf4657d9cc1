"""The timeline and the audit list show what was recorded, with the places and without names."""

import pytest

from audit import ledger, selectors
from audit.models import Checkpoint
from audit.services.sequence import sequence

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_records(note):
    note(1, verb="incident.opened", subject="incident:42", facts={"title": "Payments fail"})
    note(2, verb="request.opened", subject="request:7", about=["incident:42"])
    sequence()
    note(3, verb="incident.acknowledged", subject="incident:42")


def verbs(rows):
    return [row.verb for row in rows]


def test_a_timeline_holds_what_is_about_its_subject_oldest_first(note, django_assert_num_queries):
    note(4)
    with django_assert_num_queries(1):
        lines = ledger.timeline("incident:42")

    assert [(line.verb, line.seq) for line in lines] == [
        ("incident.opened", 0), ("request.opened", 1), ("incident.acknowledged", None),
    ]  # fmt: skip
    assert lines[0].facts == {"title": "Payments fail"}
    assert verbs(ledger.timeline("request:7")) == ["request.opened"]


def test_a_long_timeline_shows_its_newest():
    assert verbs(ledger.timeline("incident:42", limit=2)) == ["request.opened", "incident.acknowledged"]


def test_the_list_is_newest_first_with_what_waits_on_top():
    rows = selectors.records()

    assert [(row.seq, row.state) for row in rows] == [(None, "pending"), (1, "sealed"), (0, "sealed")]
    assert len(rows[1].leaf_hash) == 64
    assert rows[0].leaf_hash == ""


def test_a_record_above_the_newest_checkpoint_is_placed_but_not_sealed(monkeypatch):
    monkeypatch.setattr("audit.services.sequence._seal", lambda: None)
    sequence()

    assert [row.state for row in selectors.records()] == ["placed", "sealed", "sealed"]


def test_pages_follow_each_other():
    sequence()

    first = selectors.records(limit=2)
    assert verbs(first) == ["incident.acknowledged", "request.opened"]
    assert verbs(selectors.records(limit=2, before_seq=first[-1].seq)) == ["incident.opened"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({"subject": "request:7"}, ["request.opened"]),
        ({"kind": "incident"}, ["incident.acknowledged", "incident.opened"]),
        ({"kind": "incident.opened"}, ["incident.opened"]),
        ({"kind": "incid"}, []),
        ({"text": "payments"}, ["incident.opened"]),
        ({"text": "REQUEST:7"}, ["request.opened"]),
        ({"text": "%"}, []),
        ({"text": "x", "subject": "incident:42"}, []),
    ],
)
def test_the_list_can_be_asked(question, answer):
    sequence()

    assert verbs(selectors.records(**question)) == answer
    assert selectors.count(**question) == len(answer)


def test_the_newest_head_is_the_newest_checkpoint():
    head = selectors.latest_checkpoint()

    assert (head.size, head.root, head.note) == Checkpoint.objects.values_list("size", "root", "note").get()


def test_the_list_costs_the_same_however_long(django_assert_num_queries):
    with django_assert_num_queries(3):
        selectors.records()
