"""Records are found by who, what, about what and when; and carried away by those who may."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from audit.search import Search, found, how_many
from audit.selectors import facts_of
from audit.services.sequence import sequence_all
from console.selectors import asking
from core import clock
from core.actors import MONITOR, SYSTEM
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(waiting, cast):
    world.signed(waiting[1], cast["ben"])
    sequence_all()
    return waiting


def rows(client, **fields):
    page = client.get(f"/audit/?{urlencode(fields)}").content.decode()
    return page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""


@pytest.mark.parametrize("words", ["Ben Approver", "ben approver", "ben"])
def test_a_persons_name_finds_what_they_did(as_, told, words):
    shown = rows(as_("dan"), text=words)
    assert shown.count("<tr") == 1
    assert "Signed the change" in shown


def test_an_incidents_number_finds_what_is_about_it(as_, told):
    shown = rows(as_("dan"), text=f"INC-{told[0].pk}")
    assert "Opened the incident" in shown
    assert "Entered a person" not in shown


def test_a_records_number_opens_it(as_, told):
    page = as_("dan").get("/audit/?text=3").content.decode()
    assert 'data-seq="3"' in page


def test_a_changes_digest_finds_its_records(as_, told):
    shown = rows(as_("dan"), text=told[1].change_id)
    assert "Wrote a plan" in shown
    assert "Ranked" not in shown


def test_a_leafs_hash_finds_its_record(as_, told):
    entry = Entry.objects.select_related("leaf").get(verb="hypotheses.ranked")
    shown = rows(as_("dan"), text=bytes(entry.leaf.leaf_hash).hex())
    assert shown.count("<tr") == 1
    assert "Ranked 3 hypotheses" in shown


def test_people_and_agents_are_told_apart(as_, told):
    people, agents = rows(as_("dan"), who="people"), rows(as_("dan"), who="agents")
    assert "Signed the change" in people
    assert "Opened the incident" not in people
    assert "Opened the incident" in agents
    assert "Signed the change" not in agents


def test_days_narrow_and_are_read_as_utc(as_, told):
    today = clock.now().date()
    client = as_("dan")
    assert rows(client, since=today, until=today).count("<tr") == Entry.objects.count()
    assert rows(client, until=today - timedelta(days=1)) == ""
    assert rows(client, since=today + timedelta(days=1)) == ""
    assert rows(client, since="yesterday") != ""


def test_what_is_looked_for_can_be_taken_off_one_by_one(as_, told):
    page = as_("dan").get("/audit/?subject=INC-1&who=ben").content.decode()
    assert 'href="/audit/?who=ben"' in page
    assert 'href="/audit/?subject=incident%3A1"' in page


@pytest.mark.parametrize(
    "fields",
    [{"who": "nobody-here"}, {"subject": "incident:99999"}, {"kind": "nothing"}, {"text": "<script>alert(1)</script>"}],
)
def test_what_matches_nothing_says_so_and_shows_no_markup(as_, told, fields):
    page = as_("dan").get("/audit/", fields).content.decode()
    assert "No record matches" in page or fields.get("kind")
    assert "<script>alert" not in page


def test_times_become_places_so_that_a_long_trail_is_not_read_through(told):
    for number in range(300):
        world.say(MONITOR, "source.added", f"source:s{number}")
    sequence_all()
    Entry.objects.count()
    with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
        assert len(found(Search(since=clock.now() - timedelta(hours=1)), limit=5)) == 5
    assert len(asked) < 20


def test_pages_follow_without_gap_or_double_whatever_is_looked_for(told):
    for number in range(25):
        world.say(SYSTEM, "source.added", f"source:s{number}")
    sequence_all()
    search, seen, before = Search(kind="source"), [], None
    while page := found(search, before_seq=before, limit=4):
        seen += [row.subject for row in page]
        before = page[-1].seq
    assert seen == [f"source:s{number}" for number in reversed(range(25))]
    assert how_many(search) == 25


def test_the_words_are_understood_without_asking_more_than_needed(told):
    from django.http import QueryDict

    asked = asking.understand(QueryDict("text=%22%27%3B+DROP+TABLE&kind=decision"))
    assert asked.search == Search(kind="decision", text="\"'; DROP TABLE")


def export(client, **fields):
    return client.post("/audit/export/", fields)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_table_holds_what_was_looked_for_and_is_recorded(as_, told, policy):
    response = export(as_("dan"), form="csv", text="ben")
    assert response["Content-Disposition"] == 'attachment; filename="countersign-all.csv"'
    table = list(csv.DictReader(io.StringIO(body(response).decode())))
    assert [row["who"] for row in table] == ["Ben Approver"]
    assert table[0]["verb"] == "decision.recorded"
    made = Entry.objects.get(verb="audit.exported")
    assert facts_of(made)["kind"] == "csv"
    assert facts_of(made)["narrowed_by"]["who"].startswith("person:")


def test_no_cell_of_a_table_is_a_formula(as_, lab, cast):
    world.incident('=HYPERLINK("http://evil.example","click")')
    world.say(SYSTEM, "source.added", "source:x", named="@SUM(1+1)")
    sequence_all()
    for line in csv.reader(io.StringIO(body(export(as_("dan"), form="csv")).decode())):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)


def test_a_report_is_a_pdf_that_says_what_it_is(as_, told, policy):
    content = body(export(as_("dan"), form="pdf", subject=told[0].subject))
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert Entry.objects.filter(verb="audit.exported").count() == 1


def test_signs_that_the_font_lacks_do_not_vanish_from_a_report(as_, told, policy):
    from console.exports.report import _fonts, _printable

    _fonts()
    assert _printable("Zoë Čapek 漢\u202e\n") == "Zoë " + _printable("Č") + "apek \\u{6f22}\\u{202e} "


@pytest.mark.parametrize("form", ["bundle", "pdf", "csv"])
def test_only_those_who_may_carry_anything_away(as_, told, policy, form):
    before = Entry.objects.count()
    for handle in ("ada", "ben", "vera", "mallory"):
        assert export(as_(handle), form=form).status_code == 403, handle
    assert Entry.objects.count() == before


def test_there_is_no_other_form(as_, told):
    assert export(as_("dan"), form="exe").status_code == 400


def test_how_far_the_console_examined_is_said(as_, told):
    from audit.models import Verification

    Verification.objects.update_or_create(pk=1, defaults={"size": 7, "at": clock.now(), "began_at": clock.now()})
    assert "Verified up to 7 at" in as_("dan").get("/audit/").content.decode()
    Verification.objects.filter(pk=1).update(problem="Record 3 was changed.", problem_at=clock.now())
    page = as_("dan").get("/audit/").content.decode()
    assert "The ledger is not what was signed" in page
    assert "Record 3 was changed." in page
