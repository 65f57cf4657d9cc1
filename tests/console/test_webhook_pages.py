"""The pages of webhooks: what they say, what they refuse, what they never show, and what each verb does."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from audit.models import Entry
from audit.selectors import facts_of
from connectors.models import Webhook, WebhookDelivery
from connectors.outbound.keeping import latest_seq, secrets_of
from connectors.services.add_webhook import add_webhook
from console.selectors import webhooks
from core import clock
from core.actors import SYSTEM
from people.services.add_person import add_person
from tests.connectors.conftest import serve

__all__ = ["serve"]

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"
LONG = "a-name-that-is-as-long-as-a-name-of-a-webhook-may-be-at-most"


@pytest.fixture
def admin(client, db, monkeypatch, settings):
    """A browser of an admin who was seen just now; loopback may be posted to."""
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: True)
    person = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/healthz")
    return client


def made(name="chat", events=("*",), url="http://127.0.0.1:9/hook/TOKEN?key=TOKEN", **over):
    webhook = add_webhook(name, url, events, actor=SYSTEM).webhook
    Webhook.objects.filter(pk=webhook.pk).update(**over)
    webhook.refresh_from_db()
    return webhook


def sent(webhook, seq=1, **over):
    values = {"type": "countersign.incident.opened", "subject": "incident:1", "attempts": 1, "status": 204}
    values |= {"uid": f"{WebhookDelivery.objects.count():032x}", "tried_at": clock.now(), "took_ms": 12}
    return WebhookDelivery.objects.create(webhook=webhook, seq=seq, **{**values, "is_delivered": True, **over})


def text(client, path="/webhooks/"):
    return client.get(path).content.decode()


def test_where_there_is_none_the_page_says_so_and_offers_one(admin):
    page = text(admin)

    assert "Nobody outside is told what happens" in page
    assert "No webhook yet" in page
    assert 'value="incident.*"' in page


def test_two_that_are_told_are_both(admin):
    for name in ("one", "other"):
        sent(made(name))

    assert "Both webhooks are told what happens" in text(admin)


def test_the_list_says_how_each_stands_and_why(admin):
    now = clock.now()
    sent(made("fine", ("incident.*", "alert.fired"), next_seq=10**6))
    made("slow", attempts=3, error="It answered 500.", due_at=now + timedelta(minutes=1))
    made("dead", is_active=False, paused_because="It answered 410: it wants no more.", next_seq=-5)
    made("off", is_active=False)

    page = text(admin)

    assert "1 of 4 webhooks has stopped" in page
    assert "1 is tried again, 1 is paused" in page
    for said in ("attempt 3 of 16", "It answered 500.", "It answered 410: it wants no more.", "incident.*", "204"):
        assert said in page
    rows = {row.name: row for row in webhooks.read().rows}
    assert [rows[name].state for name in ("fine", "slow", "dead", "off")] == [
        "delivering", "waiting", "stopped", "paused",
    ]  # fmt: skip
    assert (rows["fine"].behind, rows["dead"].behind) == (0, latest_seq() + 6)


def test_the_path_of_an_address_is_never_shown(admin):
    sent(made())

    for path in ("/webhooks/", "/webhooks/chat/", "/webhooks/chat/deliveries/"):
        assert "TOKEN" not in text(admin, path)
    assert "http://127.0.0.1:9/••••••••" in text(admin, "/webhooks/chat/")


def test_the_number_of_queries_does_not_grow(admin, django_assert_max_num_queries):
    for number in range(12):
        sent(made(f"hook-{number}"))

    with django_assert_max_num_queries(3):
        webhooks.read()


def test_an_admin_adds_one_and_sees_its_secret_once(admin):
    told = {"name": "chat", "url": "http://127.0.0.1:9/hook", "event": ["incident.*"], "patterns": "alert.fired, run.*"}

    answer = admin.post("/webhooks/", told)

    webhook = Webhook.objects.get()
    (secret,) = secrets_of(webhook, clock.now())
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert webhook.events == ["alert.fired", "incident.*", "run.*"]
    assert secret not in text(admin, "/webhooks/chat/")


def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(admin):
    made()
    good = {"name": "other", "url": "http://127.0.0.1:9/hook", "event": ["incident.*"], "patterns": ""}
    for wrong, why in (
        ({"name": "chat"}, "There is already a webhook chat."),
        ({"name": "No!"}, "lower-case letters"),
        ({"url": "http://10.0.0.1/"}, "which is not public"),
        ({"url": "ftp://127.0.0.1/"}, "begins with https://"),
        ({"event": []}, "Name 1 to 50 types"),
        ({"patterns": "pizza.*"}, "There is no noun"),
    ):
        told = {**good, **wrong}
        answer = admin.post("/webhooks/", told)
        page = answer.content.decode()
        assert answer.status_code == 400
        assert why in page
        assert f'value="{told["name"]}"' in page
        assert ('value="incident.*" checked' in page) is bool(told["event"])
    assert Webhook.objects.count() == 1


def test_adding_renewing_and_removing_ask_for_the_person_again(admin, monkeypatch):
    webhook = made()
    monkeypatch.setattr("console.stepup.is_fresh", lambda _: False)

    for path in ("", "chat/rotation/", "chat/removal/"):
        told = {"name": "chat", "url": "http://127.0.0.1:9/", "event": "*"}
        assert admin.post(f"/webhooks/{path}", told)["Location"].startswith("/step-up/")
    assert bytes(Webhook.objects.get().secret) == bytes(webhook.secret)


def test_a_test_says_what_was_answered_and_is_on_record(admin, serve):
    def answers(status):
        def answer(handler):
            handler.send_response(status)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return answer

    made("good", url=serve(answers(204))[0])
    made("bad", url=serve(answers(500))[0])
    made("gone")

    assert "It answered 204 after" in admin.post("/webhooks/good/test/", follow=True).content.decode()
    assert "It answered 500 after" in admin.post("/webhooks/bad/test/", follow=True).content.decode()
    assert "127.0.0.1 cannot be reached" in admin.post("/webhooks/gone/test/", follow=True).content.decode()
    assert Entry.objects.filter(verb="webhook.tried").count() == 3


def test_pausing_and_resuming_are_said_and_each_way_to_go_on_says_what_it_loses(admin):
    webhook = made(next_seq=latest_seq())
    sent(webhook, seq=webhook.next_seq, is_delivered=False, status=500, error="It answered 500.")

    assert "chat is paused" in admin.post("/webhooks/chat/pause/", follow=True).content.decode()
    assert admin.post("/webhooks/chat/pause/").status_code == 409
    page = text(admin, "/webhooks/chat/")
    assert "It never hears of <code>incident.opened</code> of incident:1" in page
    assert "It never hears of what these" in page
    said = admin.post("/webhooks/chat/resumption/", {"skip": "one"}, follow=True).content.decode()
    assert "behind the record that it would not take" in said
    assert Webhook.objects.get().next_seq == webhook.next_seq + 1
    assert admin.post("/webhooks/chat/resumption/", {"skip": "one"}).status_code == 409
    assert admin.post("/webhooks/chat/resumption/", {"skip": "most"}).status_code == 400


def test_a_renewed_secret_is_shown_once_with_what_becomes_of_the_old_one(admin):
    made()

    assert "The old one is signed with too, until" in admin.post("/webhooks/chat/rotation/").content.decode()
    assert len(secrets_of(Webhook.objects.get(), clock.now())) == 2
    at_once = admin.post("/webhooks/chat/rotation/", {"old": "stops"}).content.decode()
    assert "The old one is signed with no longer" in at_once
    (secret,) = secrets_of(Webhook.objects.get(), clock.now())
    assert secret in at_once


def test_it_is_removed_only_by_its_name(admin):
    made()

    assert "Nothing was removed" in admin.post("/webhooks/chat/removal/", follow=True).content.decode()
    assert "Nothing was removed" in admin.post("/webhooks/chat/removal/", {"name": "x"}, follow=True).content.decode()
    assert "chat is removed" in admin.post("/webhooks/chat/removal/", {"name": "chat"}, follow=True).content.decode()
    assert not Webhook.objects.exists()
    entry = Entry.objects.get(verb="webhook.removed")
    assert (entry.subject, facts_of(entry)) == ("webhook:chat", {})
    assert admin.post("/webhooks/chat/removal/", {"name": "chat"}).status_code == 404


def test_what_was_sent_is_paged_and_filtered(admin):
    webhook = made()
    for number in range(53):
        lost = {"is_delivered": False, "status": 0, "error": f"No answer {EVIL}"} if number == 0 else {}
        sent(webhook, seq=number, **lost)

    first = text(admin, "/webhooks/chat/deliveries/")
    before = first.split("before=")[1].split('"')[0]
    second = text(admin, f"/webhooks/chat/deliveries/?before={before}")

    assert (first.count("data-row"), second.count("data-row")) == (50, 3)
    assert EVIL not in second
    lost = text(admin, "/webhooks/chat/deliveries/?state=undelivered")
    assert lost.count("data-row") == 1
    assert "none came" in lost
    for odd in ("before=x", f"before={'9' * 30}", "before=-1", "state=%00"):
        assert admin.get(f"/webhooks/chat/deliveries/?{odd}").status_code == 200
    assert text(admin, "/webhooks/chat/").count("data-row") == 10


def test_only_who_keeps_webhooks_is_led_to_them(admin, as_):
    made(LONG)

    assert '<a href="/webhooks/">Webhooks</a>' in text(admin, "/sources/")
    assert LONG in text(admin)
    vera = as_("vera")
    assert "/webhooks/" not in text(vera, "/sources/")
    assert vera.get("/webhooks/").status_code == vera.get(f"/webhooks/{LONG}/").status_code == 403
    assert vera.post(f"/webhooks/{LONG}/test/").status_code == 403


def test_the_live_part_comes_alone_when_it_is_asked_for(admin):
    made()

    for path in ("/webhooks/", "/webhooks/chat/", "/webhooks/chat/deliveries/"):
        part = admin.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<main" not in part
        assert 'data-live="webhooks"' in part
    assert admin.get("/webhooks/none/").status_code == 404
