"""The pages of sources: what they say, what they refuse, and that text from outside stays text."""

import hashlib
import json
from datetime import timedelta

import pytest

from connectors import tallies
from connectors.models import Delivery, Source
from connectors.registry import ALERT_SOURCES
from connectors.services.add_source import add_source
from console import guides
from console.selectors import sources
from core import clock
from core.actors import SYSTEM
from people.services.add_person import add_person

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def admin(client, db, monkeypatch):
    """A browser of an admin who was seen just now."""
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: True)
    person = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/healthz")
    return client


def made(name="Scripts", kind="generic", **over):
    source = add_source(kind, name, actor=SYSTEM).source
    Source.objects.filter(pk=source.pk).update(**over)
    return Source.objects.get(pk=source.pk)


def delivered(source, body=b'{"title": "Disk full", "status": "firing"}', **over):
    now = over.pop("at", clock.now())
    count = Delivery.objects.count()
    values = {"state": "DONE", "events_count": 1, "processed_at": now + timedelta(seconds=2), **over}
    made = Delivery.objects.create(
        uid=f"{count:032x}",
        source=source,
        received_at=now,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        **values,
    )
    tallies.count_in([made])
    return made


def test_the_list_says_how_everything_is_doing(admin):
    now = clock.now()
    quiet = made("Quiet", last_delivery_at=now - timedelta(hours=9), created_at=now - timedelta(days=3))
    for minute in reversed(range(60)):
        delivered(quiet, at=now - timedelta(hours=9, minutes=minute))
    odd = made("Odd", last_delivery_at=now)
    delivered(odd, state="DEAD", events_count=0, error="There is no title.")
    delivered(odd, state="IGNORED", events_count=0, warnings=["… the alert is recorded as unclassified."])
    made("Off", is_active=False)

    page = admin.get("/sources/").content.decode()

    assert "1 of 2 sources delivers" in page
    assert "1 is silent, 1 is partly not understood" in page
    assert "silent, usually every 1 m" in page
    for group in ("Not as usual", "Paused"):
        assert group in page
    rows = {row.slug: row for row in sources.read().rows}
    assert (rows["odd"].dead, rows["odd"].unclassified, rows["odd"].today) == (1, 1, 2)
    assert rows["quiet"].silent == "9 h 00"


@pytest.mark.parametrize(
    ("days", "said"), [(9, "its certificate ends in 9 d"), (-1, "its certificate has ended"), (99, "")]
)
def test_a_certificate_that_ends_soon_is_not_as_usual(admin, days, said):
    ends = clock.rfc3339(clock.now() + timedelta(days=days, hours=1))
    made("Shop", certificates=[{"sha256": "0" * 64, "ends_at": ends}])

    (row,) = sources.read().rows
    assert (row.expiry, row.unusual) == (said, bool(said))
    assert said in admin.get("/sources/").content.decode()
    assert said.capitalize() in admin.get("/sources/shop/").content.decode()


def test_the_list_is_narrowed_by_words_and_views(admin):
    made("Shop"), made("Bank", kind="zabbix")

    assert "Bank" in admin.get("/sources/?text=zabb").content.decode()
    found = admin.get("/sources/?text=zabb", headers={"HX-Request": "true"}).content.decode()
    assert "Shop" not in found
    assert "No source matches “nothing”" in admin.get("/sources/?text=nothing").content.decode()
    assert "Show all" in admin.get("/sources/?view=silent").content.decode()


def test_the_number_of_queries_grows_by_one_small_one_a_source(admin, django_assert_max_num_queries):
    for number in range(12):
        delivered(made(f"S{number}"))

    with django_assert_max_num_queries(6 + 12):
        sources.read()


def test_two_that_deliver_are_both(admin):
    for name in ("One", "Other"):
        delivered(made(name, last_delivery_at=clock.now()))

    assert "Both sources deliver" in admin.get("/sources/").content.decode()


def test_where_none_has_sent_anything_the_headline_says_so(admin):
    made("New")

    assert "No source delivers" in admin.get("/sources/").content.decode()


def test_a_source_of_which_too_much_waits_says_that_it_is_refused_for_now(admin):
    delivered(made("Flood", full_since=clock.now(), last_delivery_at=clock.now()))

    page = admin.get("/sources/").content.decode()

    assert "full, refused for now" in page
    assert "Not as usual" in page


def test_an_admin_adds_a_source_and_sees_its_address_once(admin):
    told = {"kind": "zabbix", "name": "Shop Zabbix", "autonomy": "suggest"}

    answer = admin.post("/sources/", told)

    source = Source.objects.get()
    page = answer.content.decode()
    token = page.split("/hooks/zabbix/")[1].split("<")[0]
    assert hashlib.sha256(token.encode()).hexdigest() == source.token_sha256
    assert "no-store" in answer["Cache-Control"]
    assert (source.slug, source.autonomy) == ("shop-zabbix", "suggest")
    assert token not in admin.get("/sources/shop-zabbix/").content.decode()


def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(admin):
    made("Shop")
    for told, why in (
        ({"kind": "zabbix", "name": "Shop"}, "already a source shop"),
        ({"kind": "telepathy", "name": "Mind"}, "no source kind"),
        ({"kind": "", "name": "Mind"}, "Choose what sends"),
        ({"kind": "zabbix", "name": "!!"}, "a letter or a digit"),
        ({"kind": "zabbix", "name": "Mind", "autonomy": "all"}, "Autonomy is one of"),
    ):
        answer = admin.post("/sources/", told)
        assert answer.status_code in {400, 404}
        assert why in answer.content.decode()
        assert f'value="{told["name"]}"' in answer.content.decode()
    assert Source.objects.count() == 1


def test_adding_and_renewing_ask_for_the_person_again(admin, monkeypatch):
    made("Shop")
    before = Source.objects.get().token_sha256
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: False)

    assert admin.post("/sources/", {"kind": "zabbix", "name": "X"})["Location"].startswith("/step-up/")
    assert admin.post("/sources/shop/renewal/")["Location"].startswith("/step-up/")
    assert Source.objects.get().token_sha256 == before


def test_a_renewed_address_is_shown_once_and_the_old_one_is_dead(admin):
    made("Shop")
    before = Source.objects.get().token_sha256

    page = admin.post("/sources/shop/renewal/").content.decode()

    assert "The old one works no longer" in page
    assert Source.objects.get().token_sha256 != before


def test_pausing_and_resuming_are_said(admin):
    made("Shop")

    assert "Shop is paused" in admin.post("/sources/shop/pause/", follow=True).content.decode()
    assert "Shop is resumed" in admin.post("/sources/shop/resumption/", follow=True).content.decode()
    assert admin.post("/sources/shop/resumption/").status_code == 409


def test_who_may_not_change_sees_no_button_and_is_told_who_may(as_, cast):
    made("Shop")
    client = as_("vera")

    listed, shown = client.get("/sources/").content.decode(), client.get("/sources/shop/").content.decode()

    assert "The <b>admin</b> role adds and changes them" in listed
    assert "Make the address" not in listed
    assert "Renew" not in shown
    assert client.post("/sources/shop/pause/").status_code == 403
    assert "Sources</a>" not in as_("mallory").get("/account/").content.decode()


def test_text_from_outside_stays_text(admin):
    source = made(EVIL + " Shop")
    body = json.dumps({"title": EVIL, "status": EVIL, "labels": {"x": EVIL}}).encode()
    letter = delivered(source, body, state="DEAD", error=EVIL, warnings=[EVIL], headers={"user-agent": EVIL})

    for path in ("", f"{source.slug}/", f"{source.slug}/deliveries/", f"{source.slug}/deliveries/{letter.uid}/"):
        page = admin.get(f"/sources/{path}").content.decode()
        assert EVIL not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[" * 100, b'{"a": 1e999}', b"", "\u202e".encode()])
def test_a_body_that_nobody_can_read_is_shown_as_text(admin, body):
    source = made("Shop")
    letter = delivered(source, body, state="DEAD", error="Not read.")

    page = admin.get(f"/sources/shop/deliveries/{letter.uid}/")

    assert page.status_code == 200
    assert "It cannot be read" in page.content.decode()
    assert "\u202e" not in page.content.decode()
    assert admin.get("/sources/shop/").status_code == 200


def test_a_delivery_is_read_as_it_would_be_now(admin):
    source = made("Shop")
    found = delivered(source)

    page = admin.get(f"/sources/shop/deliveries/{found.uid}/").content.decode()

    for text in ("Disk full", "firing", "v1:"):
        assert text in page
    assert admin.get("/sources/shop/deliveries/nothing/").status_code == 404
    made("Bank")
    assert admin.get(f"/sources/bank/deliveries/{found.uid}/").status_code == 404


def test_deliveries_are_paged_and_filtered(admin):
    source = made("Shop")
    for number in range(53):
        delivered(source, state="DEAD" if number == 0 else "DONE", error="lost" if number == 0 else "")

    first = admin.get("/sources/shop/deliveries/").content.decode()
    before = first.split("before=")[1].split('"')[0]
    second = admin.get(f"/sources/shop/deliveries/?before={before}").content.decode()

    assert (first.count("data-row"), second.count("data-row")) == (50, 3)
    assert admin.get("/sources/shop/deliveries/?state=dead").content.decode().count("data-row") == 1
    assert "No such delivery" in admin.get("/sources/shop/deliveries/?state=waiting").content.decode()
    for odd in ("before=x", f"before={'9' * 30}", "before=-1", "state=%00"):
        assert admin.get(f"/sources/shop/deliveries/?{odd}").status_code == 200


def test_every_kind_says_how_it_is_connected_and_read(admin):
    made("One")
    for kind, adapter in ALERT_SOURCES.items():
        Source.objects.update(kind=kind)

        page = admin.get("/sources/one/").content.decode()

        assert guides.steps(kind) or adapter.documentation in page, kind
        assert "manage.py source add" not in page
        assert "The same alert, if equal" in page


def test_a_kind_without_a_page_and_an_odd_one_have_no_steps():
    assert guides.steps("telepathy") == guides.steps("../../SECURITY") == ()
