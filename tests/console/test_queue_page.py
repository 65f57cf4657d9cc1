"""The queue: who it waits for comes first."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.actors import SYSTEM, Role
from core.errors import RefusedError
from people.services.add_person import add_person
from tests.console import world

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_nobody_sees_a_page_without_signing_in(client):
    for path in ("/", "/audit/", "/keys/", "/incidents/1/", "/approvals/1/", f"/evidence/{'0' * 64}/"):
        response = client.get(path)
        assert (response.status_code, response.url.partition("?")[0]) == (302, "/sign-in/"), path


def test_the_first_run_offers_a_source_and_says_that_no_lab_runs(as_, lab):
    page = text_of(as_("ada").get("/"))
    assert "Connect a source" in page
    assert "./manage.py source add alertmanager" in page
    assert "No lab runs beside this console" in page


def test_the_lab_can_be_broken_by_those_who_may_alone(as_, monkeypatch):
    broken = []
    monkeypatch.setattr("console.labctl.description", lambda: {"services": [1, 2, 3, 4]})
    monkeypatch.setattr("console.labctl.run", lambda *words: broken.append(words))
    assert as_("mallory").post("/lab/leak/").status_code == 403
    assert as_("ben").post("/lab/no-such-fault/").status_code == 404
    assert broken == []
    assert "4 small services" in text_of(as_("ben").get("/"))
    assert as_("ben").post("/lab/leak/").status_code == 302
    assert broken == [("break", "leak")]


def test_a_row_says_what_is_asked_and_offers_the_approval(as_, waiting):
    incident, request = waiting
    page = text_of(as_("ben").get("/"))
    assert "1 waits for a signature" in page
    assert "Asks: revert commit 8c1f2ae in lab" in page
    assert f'href="/approvals/{request.pk}/"' in page
    assert "0 of 1 signed" in page
    assert "HIGH" in page
    assert "7.9 %" in page
    assert incident.number in page


def test_groups_come_in_the_order_of_who_they_wait_for(as_, waiting):
    now = clock.now()
    at_work = world.incident("inventory is slow", service="inventory")
    world.remediation(at_work, "ANALYZING")
    failed = world.incident("orders counted twice", severity="S1")
    world.remediation(failed, "FAILED", note="No known pattern.")
    done = world.incident("it leaked", state="RESOLVED", resolved_at=now - timedelta(minutes=5))
    world.remediation(done, "COMPLETED", note="Recovered.")
    long_ago = world.incident("yesterday's", state="RESOLVED", resolved_at=now - timedelta(hours=3))
    world.remediation(long_ago, "COMPLETED")
    page = text_of(as_("ada").get("/"))
    titles = ("Waiting for a person", "Agents at work", "With people", "Settled in the last hour")
    places = [page.index(f"<h2>{title}</h2>") for title in titles]
    assert places == sorted(places)
    assert "yesterday&#x27;s" not in page
    assert "yesterday&#x27;s" in text_of(as_("ada").get("/?view=settled"))


def test_views_show_what_waits_for_me_and_what_i_hold(as_, keyed, cast):
    incident, _ = keyed
    held = world.incident("held by Ada", held_by=cast["ada"].pk)
    world.remediation(held, "FAILED", reason="taken-over")
    assert incident.title in text_of(as_("ben").get("/?view=for-me"))
    assert "Nothing waits for you" in text_of(as_("ada").get("/?view=for-me"))
    mine = text_of(as_("ada").get("/?view=mine"))
    assert "held by Ada" in mine
    assert incident.title not in mine


def test_what_an_approver_cannot_sign_for_want_of_a_key_does_not_wait_for_them(as_, keyed, cast):
    person = add_person("eve", "Eve Approver", [Role.APPROVER], actor=SYSTEM)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert "Nothing waits for you" in text_of(client.get("/?view=for-me"))
    assert keyed[0].title in text_of(client.get("/"))


def test_a_filter_that_matches_nothing_says_so_and_offers_to_clear_it(as_, waiting):
    page = text_of(as_("ben").get("/?text=no+such+thing"))
    assert "No incident matches “no such thing”" in page
    assert "Clear the filter" in page
    assert waiting[0].title in text_of(as_("ben").get("/?text=payments+high"))


def test_quiet_is_said_with_the_last_signal(as_, lab, cast):
    world.incident("long over", state="CLOSED", resolved_at=clock.now() - timedelta(hours=2))
    page = text_of(as_("ben").get("/"))
    assert "<h2>All quiet</h2>" in page
    assert "Last signal" in page


def test_a_hostile_title_stays_text(as_, lab, cast):
    made = world.incident('<script>alert(1)</script><img src=x onerror="x">')
    world.remediation(made, "ANALYZING", doing="<b>reads</b>")
    for path in ("/", f"/incidents/{made.pk}/", "/audit/"):
        page = text_of(as_("ben").get(path))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>reads" not in page


def test_a_live_fragment_is_the_same_queue_without_the_frame(as_, waiting):
    response = as_("ben").get("/", headers={"HX-Request": "true"})
    assert "<html" not in text_of(response)
    assert text_of(response).lstrip().startswith("<main")
    assert "HX-Request" in response["Vary"]
    assert "no-store" in response["Cache-Control"]


def test_the_number_of_queries_does_not_grow_with_the_queue(as_, waiting, django_assert_max_num_queries):
    client = as_("ben")
    with django_assert_max_num_queries(28):
        client.get("/")
    for number in range(12):
        made = world.incident(f"another {number}")
        found = world.remediation(made, "AWAITING_APPROVAL")
        world.metric(found, "error_rate-payments", world.rising(0.001, 0.08), end=made.opened_at)
        world.asked(found, made)
    with django_assert_max_num_queries(28):
        client.get("/")


def test_what_the_lab_refuses_is_said_on_the_page(as_, lab, monkeypatch):
    def refuse(*words):
        raise RefusedError("The lab is not healthy yet.")

    monkeypatch.setattr("console.labctl.description", lambda: {"services": [1, 2, 3, 4]})
    monkeypatch.setattr("console.labctl.run", refuse)
    page = text_of(as_("ben").post("/lab/leak/", follow=True))
    assert "Leak memory in one service: not done. The lab is not healthy yet." in page


def test_a_key_that_leads_nowhere_is_not_offered(as_, waiting):
    assert "<kbd>T</kbd>" in text_of(as_("ada").get("/"))
    assert "<kbd>T</kbd>" not in text_of(as_("dan").get("/"))
    assert "<kbd>J</kbd>" not in text_of(as_("dan").get("/audit/"))
    assert "<kbd>/</kbd>" not in text_of(as_("dan").get("/keys/"))


def test_the_icon_that_browsers_ask_for_is_the_mark(client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response.url.endswith("mark.svg")) == (302, True)


def test_what_went_away_by_itself_is_recovered_and_no_failure(as_, lab, cast):
    made = world.incident("payments was slow")
    world.remediation(made, "FAILED", reason="recovered", note="The symptom went away before anybody signed.")
    for path in ("/", f"/incidents/{made.pk}/"):
        page = as_("ada").get(path).content.decode()
        assert "Recovered by itself" in page, path
        assert "state-failed" not in page, path


def test_a_long_queue_shows_what_waits_and_the_worst_first_and_more_on_request(as_, waiting, cast):
    for number in range(70):
        world.incident(f"warning w{number}", severity="S3")
    world.incident("the database is gone", severity="S1", held_by=cast["ben"].pk)
    client = as_("ben")

    first, more = text_of(client.get("/")), text_of(client.get("/?rows=more"))

    assert first.count('class="q-title"') == 50
    assert waiting[0].title in first
    assert first.index("the database is gone") < first.index("warning w0")
    assert "Show more" in first
    assert 'Open <span class="faint">72</span>' in first
    assert more.count('class="q-title"') == 72
    assert "Show more" not in more
    assert text_of(client.get("/?view=mine")).count('class="q-title"') == 1
    assert text_of(client.get("/?text=warning+w69")).count('class="q-title"') == 1


def test_a_filter_finds_what_stands_far_down_by_title_service_and_number(as_, waiting, monkeypatch):
    monkeypatch.setattr("console.selectors.queue.MOST", 20)
    for number in range(60):
        world.incident(f"warning w{number}", severity="S2", service="search")
    far = world.incident("The disk of the ledger fills", severity="S4", service="vault")
    client = as_("ben")

    for text in ("ledger disk", "vault", far.number, "VAULT fills", str(far.pk)):
        assert f'id="row-{far.pk}"' in text_of(client.get("/", {"text": text})), text
    assert "No incident matches" in text_of(client.get("/", {"text": "vault search"}))
    assert client.get("/", {"text": "a\0b 99999999999999999999"}).status_code == 200


def test_what_is_asked_for_more_carries_the_filter_as_text(as_, waiting):
    for number in range(60):
        world.incident(f'x"><b>&y {number}')

    page = text_of(as_("ben").get("/", {"text": 'x"><b>&y'}))

    assert "&amp;text=x%22%3E%3Cb%3E%26y&amp;rows=more" in page
    assert "<b>&y" not in page
