"""`send_webhooks`: what happens is told, in order, once it is heard, and nobody waits for somebody else."""

import json
import time

import pytest

from audit.models import Entry
from audit.selectors import facts_of
from connectors.models import Webhook, WebhookDelivery
from connectors.outbound.retrying import MOST_ATTEMPTS
from connectors.services import send_webhooks as module
from connectors.services.add_webhook import add_webhook
from connectors.services.pause_webhook import pause_webhook
from connectors.services.remove_webhook import remove_webhook
from connectors.services.resume_webhook import resume_webhook
from connectors.services.rotate_webhook import rotate_webhook
from connectors.services.send_webhooks import send_webhooks
from core import clock
from core.actors import SYSTEM
from tests.connectors.outbound.conftest import verified

pytestmark = pytest.mark.django_db


def test_what_happens_is_told_in_order_and_signed(told, happen):
    told.by()
    entries = [happen(subject=f"incident:{number}", title="x") for number in range(3)]

    assert send_webhooks() == 3

    assert [body["id"] for body in told.bodies] == [entry.uid for entry in entries]
    assert [body["subject"] for body in told.bodies] == ["incident:0", "incident:1", "incident:2"]
    for _, headers, body in told.seen:
        assert verified(told.made.secret, headers, body, now=clock.timestamp())
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert send_webhooks() == 0
    assert len(told.seen) == 3


def test_only_what_was_asked_for_is_told_and_nothing_from_before(told, happen):
    happen(subject="incident:7")
    told.by(events=("alert.*", "incident.closed"))
    for verb in ("incident.opened", "alert.fired", "alert.rated", "incident.closed", "run.intended"):
        happen(verb, f"{verb.partition('.')[0]}:1")

    send_webhooks()

    types = [body["type"] for body in told.bodies]
    assert types == ["countersign.alert.fired", "countersign.alert.rated", "countersign.incident.closed"]


def test_what_fails_is_told_again_before_what_comes_after_it(told, happen):
    told.by((500, {}), (503, {"Retry-After": "3600"}))
    first, second = happen(subject="incident:1"), happen(subject="incident:2")

    assert send_webhooks() == 0
    webhook = told.now()
    assert (webhook.attempts, webhook.error) == (1, "It answered 500.")
    assert webhook.due_at > clock.now()
    assert send_webhooks() == 0
    assert len(told.seen) == 1, "it is not due yet"

    told.due()
    send_webhooks()
    assert (told.now().due_at - clock.now()).total_seconds() > 3500
    told.due()
    assert send_webhooks() == 2

    assert [body["id"] for body in told.bodies] == [first.uid, first.uid, first.uid, second.uid]
    assert {headers["webhook-id"] for _, headers, _ in told.seen[:3]} == {first.uid}
    assert (told.now().attempts, told.now().error) == (0, "")
    row = WebhookDelivery.objects.get(uid=first.uid)
    assert (row.attempts, row.status, row.is_delivered) == (3, 204, True)


def test_one_that_fails_keeps_no_other_waiting(told, happen, receiver):
    told.by(*[(500, {})] * 3)
    url, seen = receiver()
    add_webhook("other", url, ["incident.*"], actor=SYSTEM)
    for number in range(4):
        happen(subject=f"incident:{number}")

    assert send_webhooks() == 4
    assert (len(seen), len(told.seen)) == (4, 1)


def test_one_that_does_not_answer_keeps_no_other_waiting(told, happen, serve):
    told.by()

    def wait_for_the_other(handler):
        for _ in range(400):
            if len(told.seen) == 4:
                break
            time.sleep(0.02)
        handler.send_response(204 if len(told.seen) == 4 else 500)
        handler.end_headers()

    url, _ = serve(wait_for_the_other)
    add_webhook("slow", url, ["incident.*"], actor=SYSTEM)
    Webhook.objects.filter(name="chat").update(events=["incident.*"])
    for number in range(4):
        happen(subject=f"incident:{number}")

    assert send_webhooks() == 8


def test_after_the_last_attempt_it_stops_and_the_ledger_says_so_and_nothing_is_lost(told, happen):
    told.by(*[(500, {})] * MOST_ATTEMPTS)
    entry = happen()
    for _ in range(MOST_ATTEMPTS + 3):
        told.due()
        send_webhooks()

    webhook = told.now()
    assert (webhook.is_active, len(told.seen)) == (False, MOST_ATTEMPTS)
    assert "Given up" in webhook.paused_because
    paused = Entry.objects.get(verb="webhook.paused")
    assert (paused.actor, paused.subject) == ("service:webhooks", "webhook:chat")
    assert "Given up" in facts_of(paused)["why"]

    resume_webhook("chat", actor=SYSTEM)
    send_webhooks()
    assert told.bodies[MOST_ATTEMPTS]["id"] == entry.uid


def test_410_stops_it_at_once(told, happen):
    told.by((410, {}))
    happen()
    send_webhooks()

    assert (told.now().is_active, len(told.seen)) == (False, 1)
    assert "410" in told.now().paused_because


def test_a_record_that_is_never_taken_can_be_passed_over_and_so_can_all(told, happen):
    told.by((410, {}))
    happen(subject="incident:1")
    happen(subject="incident:2")
    send_webhooks()

    resume_webhook("chat", skip="one", actor=SYSTEM)
    send_webhooks()
    assert told.bodies[1]["subject"] == "incident:2"

    pause_webhook("chat", actor=SYSTEM)
    happen(subject="incident:3")
    resume_webhook("chat", skip="all", actor=SYSTEM)
    happen(subject="incident:4")
    send_webhooks()
    assert [body["subject"] for body in told.bodies if body["type"].endswith("opened")][2:] == ["incident:4"]


def test_paused_it_is_told_nothing_and_resumed_all_that_happened_meanwhile(told, happen):
    told.by(events=("incident.*",))
    pause_webhook("chat", actor=SYSTEM)
    happen()
    assert send_webhooks() == 0

    resume_webhook("chat", actor=SYSTEM)
    assert send_webhooks() == 1


def test_while_its_secret_is_replaced_both_sign_and_then_the_new_one_alone(told, happen, monkeypatch):
    told.by(events=("incident.*",))
    new = rotate_webhook("chat", actor=SYSTEM).secret
    happen()
    send_webhooks()
    Webhook.objects.update(previous_until=clock.now())
    happen()
    send_webhooks()

    (_, both, first), (_, alone, second) = told.seen
    now = clock.timestamp()
    assert verified(told.made.secret, both, first, now=now)
    assert verified(new, both, first, now=now)
    assert verified(new, alone, second, now=now)
    assert not verified(told.made.secret, alone, second, now=now)


def test_a_secret_replaced_at_once_stops_counting_at_once(told, happen):
    told.by(events=("incident.*",))
    rotate_webhook("chat", at_once=True, actor=SYSTEM)
    happen()
    send_webhooks()

    ((_, headers, body),) = told.seen
    assert not verified(told.made.secret, headers, body, now=clock.timestamp())


def test_a_worker_that_dies_is_followed_by_another_which_sends_the_same_again(told, happen, monkeypatch):
    told.by()
    entry = happen()
    with monkeypatch.context() as dying:
        dying.setattr(module, "_settle", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            send_webhooks()
    assert send_webhooks() == 0, "it is still held"

    Webhook.objects.update(held_until=clock.now())
    assert send_webhooks() == 1
    assert [headers["webhook-id"] for _, headers, _ in told.seen] == [entry.uid] * 2


def test_one_that_is_removed_while_it_is_told_leaves_nothing(told, happen, monkeypatch):
    told.by()
    happen()
    post = module.wire.post

    def removed(letter):
        answer = post(letter)
        Webhook.objects.all().delete()
        return answer

    monkeypatch.setattr(module, "AT_ONCE", 1)
    monkeypatch.setattr(module.ThreadPoolExecutor, "submit", lambda _self, deed, one: at_once(removed, one))
    assert send_webhooks() == 0
    assert not WebhookDelivery.objects.exists()


def at_once(deed, *given):
    from concurrent.futures import Future

    future = Future()
    future.set_result(deed(*given))
    return future


def test_secrets_that_cannot_be_opened_stop_one_webhook_and_no_other(told, happen, receiver):
    told.by()
    url, seen = receiver()
    add_webhook("other", url, ["incident.*"], actor=SYSTEM)
    Webhook.objects.filter(name="chat").update(secret=b"nonsense")
    happen()

    assert send_webhooks() == 1
    assert (len(seen), told.now().is_active) == (1, False)
    assert "SECRET_KEY" in told.now().paused_because


def test_only_the_newest_deliveries_are_kept(told, happen, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    monkeypatch.setattr(module, "TIDIED_EVERY", 1)
    told.by(events=("incident.*",))
    for number in range(6):
        happen(subject=f"incident:{number}")
    send_webhooks()

    assert list(WebhookDelivery.objects.order_by("pk").values_list("subject", flat=True)) == [
        "incident:3", "incident:4", "incident:5",
    ]  # fmt: skip


def test_a_long_stretch_of_what_nobody_asked_for_is_passed_by_windows(told, happen, monkeypatch):
    monkeypatch.setattr(module, "WINDOW", 2)
    told.by(events=("incident.closed",))
    for _ in range(7):
        happen()
    happen("incident.closed")

    assert send_webhooks() == 1
    assert told.bodies[0]["type"] == "countersign.incident.closed"


def test_removed_it_is_told_nothing_more(told, happen):
    told.by()
    remove_webhook("chat", actor=SYSTEM)
    happen()

    assert send_webhooks() == 0
    assert (told.seen, Entry.objects.filter(verb="webhook.removed").count()) == ([], 1)
