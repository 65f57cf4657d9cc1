"""Rows are carried away by managers and admins alone; that they were is a record before they are."""

import pytest

from audit import ledger
from audit.models import Entry
from audit.search import Search
from audit.services import export_list as module
from audit.services.export_list import export_list
from audit.services.sequence import sequence_all
from core.actors import SYSTEM, Actor, Role
from core.errors import BadInputError, NotPermittedError

pytestmark = pytest.mark.django_db
MANAGER = Actor(id="person:dan", roles=frozenset({Role.MANAGER}))


@pytest.fixture
def records():
    for number in range(12):
        ledger.append(actor=SYSTEM, verb="source.added", subject=f"source:s{number}", facts={})
    sequence_all()


def test_all_that_match_come_page_by_page_newest_first(records, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 5)
    rows = list(export_list(Search(kind="source"), "csv", actor=MANAGER))
    assert [row.subject for row in rows] == [f"source:s{number}" for number in reversed(range(12))]
    assert Entry.objects.latest("pk").verb == "audit.exported"


def test_an_approver_carries_nothing_away(records):
    with pytest.raises(NotPermittedError):
        export_list(Search(), "csv", actor=Actor(id="person:b", roles=frozenset({Role.APPROVER})))
    assert not Entry.objects.filter(verb="audit.exported").exists()


def test_too_many_are_refused_before_anything_is_recorded(records, monkeypatch):
    monkeypatch.setattr(module, "MOST", {"csv": 11, "pdf": 11})
    for form in ("csv", "pdf"):
        with pytest.raises(BadInputError, match="Narrow"):
            export_list(Search(kind="source"), form, actor=MANAGER)
    assert not Entry.objects.filter(verb="audit.exported").exists()
